-- wrk asks for each path of the file that REPLAY_PATHS names, in turn, and round again. A path that
-- has an entity tag behind it is asked for unless it is that still. Each of its threads begins at
-- another place. The last line is what came of it, as JSON.

local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(args)
   requests = {}
   local accept = os.getenv("REPLAY_ACCEPT")
   for line in io.lines(os.getenv("REPLAY_PATHS")) do
      local path, tag = line:match("^(%S+) ?(%S*)$")
      local headers = {["Accept"] = accept, ["If-None-Match"] = tag ~= "" and tag or nil}
      requests[#requests + 1] = wrk.format("GET", path, headers)
   end
   at = math.floor(number * #requests / 2)
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency, requests)
   local errors = summary.errors
   print(string.format('{"requests": %d, "microseconds": %d, "failed": %d}', summary.requests,
      summary.duration, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
