-- wrk asks for each path of the file that REPLAY_PATHS names, in turn, and round again. Each of its
-- threads begins at another place. The last line is what came of it, as JSON.

local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(args)
   requests = {}
   local accept = os.getenv("REPLAY_ACCEPT")
   for path in io.lines(os.getenv("REPLAY_PATHS")) do
      requests[#requests + 1] = wrk.format("GET", path, {["Accept"] = accept})
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
