#!/usr/bin/python3
"""How registries say that it is too much, and what comes of it: waits, quotas, and the run's own
budget of requests and bytes."""

import datetime
import tempfile
import time
from collections import Counter

from exports import import_images
from harness import Reply, StubRegistry, build_image, error_reply, run_layerproof

import tap

IMAGE = build_image([{"theirs.txt": b"theirs\n"}])
PULL_LIMIT = ("You have reached your unauthenticated pull rate limit. "
              "https://www.docker.com/increase-rate-limit")


def check(references, *arguments, **how):
    with tempfile.TemporaryDirectory() as folder:
        ended = run_layerproof("--index", import_images(folder), "check", "--ordered", *arguments,
                               stdin="".join(f"{reference}\n" for reference in references), **how)
    tap.equal(ended.stderr, "", "messages")
    tap.equal(len(ended.findings), len(references), "findings")
    return ended


def serve(stub, count, *replies):
    """`count` images of a repository each, whose manifests are first answered by `replies`, in the
    order in which they are asked for."""
    names = [f"a{number}/b" for number in range(count)]
    queue = list(replies)

    def answer(request):
        with stub.lock:
            reply = queue.pop(0) if queue else None
        return reply or stub.usual(request)

    for name in names:
        stub.put_image(name, "1", IMAGE)
        stub.script(f"/v2/{name}/manifests/1", answer)
    return [f"{stub.address}/{name}:1" for name in names]


def asked(stub):
    """The requests for manifests, in their order."""
    return [request for request in stub.requests if "/manifests/" in request.path]


def reasons(ended):
    return [finding["reason"] for finding in ended.findings]


def assert_opens_in(error, least, most):
    """It names a time between `least` and `most` seconds from now to come back."""
    then = datetime.datetime.fromisoformat(error["retry_at"].replace("Z", "+00:00"))
    left = (then - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    assert least - 30 <= left <= most + 5, f"opens again in {left:.0f} s"


def assert_limited(finding, message, least, most):
    """Rate limited, with a time between `least` and `most` seconds from now to come back."""
    tap.equal((finding["reason"], [error["message"] for error in finding["errors"]]),
              ("rate_limited", [message]), finding["input"])
    assert_opens_in(finding["errors"][0], least, most)


def test_fact_18_retry_after_in_seconds_closes_the_host_for_that_long():
    with StubRegistry() as stub:
        references = serve(stub, 6, Reply(429, {"Retry-After": "2"}))
        ended = check(references, "-j", "1")
        times = [request.arrived for request in asked(stub)]
    tap.equal((reasons(ended), ended.exit), (["no_match"] * 6, 0))
    tap.equal(len(times), 7, "requests for manifests")
    assert times[1] - times[0] >= 2, f"came back after {times[1] - times[0]:.1f} s"


def test_fact_18_retry_after_as_a_date():
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 4))
    with StubRegistry() as stub:
        ended = check(serve(stub, 1, Reply(503, {"Retry-After": date})))
        first, second = [request.arrived for request in asked(stub)]
    tap.equal((reasons(ended), ended.exit), (["no_match"], 0))
    assert second - first >= 2, f"came back after {second - first:.1f} s"


def test_fact_18_a_host_that_asks_too_often_is_believed_at_last():
    with StubRegistry() as stub:
        references = serve(stub, 1, *[Reply(429, {"Retry-After": "1"})] * 5)
        ended = check(references)
        count = len(asked(stub))
    tap.equal(count, 5, "requests")
    tap.equal((reasons(ended), ended.exit), (["rate_limited"], 3))
    tap.equal(ended.findings[0]["errors"][0]["message"],
              f"{stub.address}: HTTP status 429; asks to wait 1 s")


def test_fact_18_a_long_wait_ends_the_rest_of_the_host_at_once():
    with StubRegistry() as stub, StubRegistry() as other:
        references = serve(stub, 40, *[Reply(429, {"Retry-After": "3600"})] * 40)
        references += serve(other, 10)
        ended = check(references, "-j", "4")
        count = len(asked(stub))
    tap.equal(reasons(ended), ["rate_limited"] * 40 + ["no_match"] * 10)
    for finding in ended.findings[:40]:
        assert_limited(finding, f"{stub.address}: HTTP status 429; asks to wait 3600 s", 3600, 3600)
    assert count <= 4, f"{count} requests to a host that wants none"
    tap.equal(ended.exit, 3)


def test_fact_18_a_long_wait_for_a_layer_tells_when_to_come_back():
    with StubRegistry() as stub:
        references = serve(stub, 1)
        digest = IMAGE.parsed["layers"][0]["digest"]
        stub.script(f"/v2/a0/b/blobs/{digest}", Reply(429, {"Retry-After": "3600"}))
        ended = check(references, "--depth", "full")
        count = len(stub.requests_for(f"/v2/a0/b/blobs/{digest}"))
    tap.equal((reasons(ended), count, ended.exit), (["partial"], 1, 3))
    [error] = ended.findings[0]["errors"]
    assert_opens_in(error, 3600, 3600)
    del error["retry_at"]
    tap.equal(error, {"code": "rate_limited", "where": f"layer {digest}",
                      "message": f"{stub.address}: HTTP status 429; asks to wait 3600 s"})


def test_fact_18_without_retry_after_the_tries_are_used_and_the_host_left_alone():
    with StubRegistry() as stub:
        references = serve(stub, 3, *[error_reply(429, "TOOMANYREQUESTS", "slow")] * 5)
        ended = check(references, "-j", "1")
        times = [request.arrived for request in asked(stub)]
    tap.equal(reasons(ended), ["rate_limited", "no_match", "no_match"])
    tap.equal(len(times), 7, "requests for manifests")
    assert times[5] - times[4] >= 1, "the second candidate was held back"


def test_fact_18_times_are_left_out_of_reproducible_findings():
    with StubRegistry() as stub:
        references = serve(stub, 2, *[Reply(429, {"Retry-After": "3600"})] * 2)
        ended = check(references, "--reproducible", "-j", "1")
    tap.equal([sorted(finding["errors"][0]) for finding in ended.findings], [["code", "message"]] * 2)


def test_fact_18_who_is_patient_waits():
    """An hour is too long for a test: six times a second are more than five tries."""
    with StubRegistry() as stub:
        references = serve(stub, 1, *[Reply(429, {"Retry-After": "1"})] * 6)
        ended = check(references, "--patient", timeout=60)
        count = len(asked(stub))
    tap.equal((reasons(ended), count, ended.exit), (["no_match"], 7, 0))


def test_fact_18_others_go_on_while_a_host_is_left_alone():
    with StubRegistry() as slow, StubRegistry() as stub:
        held = serve(slow, 20, *[Reply(429, {"Retry-After": "3"})] * 4)
        free = serve(stub, 60)
        ended = check(held + free, "-j", "4")
        reopened = sorted(request.arrived for request in asked(slow))[4]
        others = [request.arrived for request in asked(stub)]
    tap.equal(set(reasons(ended)), {"no_match"})
    assert max(others) < reopened, "the free host waited for the closed one"


def test_fact_41_a_pull_limit_that_is_used_up():
    """What Docker Hub says: how long the window is, not when it ends."""
    headers = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "0;w=21600",
               "Docker-RateLimit-Source": "192.0.2.1"}
    with StubRegistry() as stub:
        references = serve(stub, 10, *[error_reply(429, "TOOMANYREQUESTS", PULL_LIMIT, headers)] * 10)
        ended = check(references, "-j", "1")
        count = len(asked(stub))
    tap.equal(count, 1, "requests")
    for finding in ended.findings:
        assert_limited(finding, f"{stub.address}: 429 TOOMANYREQUESTS: {PULL_LIMIT}; asks to wait "
                       "21600 s", 21600, 21600)
    tap.equal(ended.exit, 3)


def test_fact_42_the_last_request_of_a_quota_closes_the_host_until_it_is_whole_again():
    with StubRegistry() as stub:
        def answer(request):
            reply = stub.usual(request)
            left = 2 - len(asked(stub))
            reply.headers |= {"RateLimit-Limit": "2", "RateLimit-Remaining": str(max(left, 0)),
                              "RateLimit-Reset": "900"}
            return reply

        references = serve(stub, 6)
        for number in range(6):
            stub.script(f"/v2/a{number}/b/manifests/1", answer)
        ended = check(references, "-j", "4", "--depth", "manifest")
        count = len(asked(stub))
    assert 2 <= count <= 4, f"{count} requests for manifests"
    tap.equal(Counter(reasons(ended)) - Counter(no_match=count), Counter(rate_limited=6 - count))
    for finding in ended.findings:
        if finding["reason"] == "rate_limited":
            assert_limited(finding, f"{stub.address}: its quota of requests is used up", 900, 900)


def test_fact_42_a_quota_with_something_left_costs_nothing():
    headers = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "20;w=21600"}
    with StubRegistry() as stub:
        references = serve(stub, 10)
        for number in range(10):
            stub.script(f"/v2/a{number}/b/manifests/1", lambda request: Reply(
                200, {"Content-Type": IMAGE.media_type, **headers}, IMAGE.document))
        ended = check(references)
        count = len(asked(stub))
    tap.equal((set(reasons(ended)), count, ended.exit), ({"no_match"}, 10, 0))


def test_fact_52_one_request_a_second_is_kept_to_where_it_is_asked_for():
    """ECR Public's limit for anonymous pulls, as a server that counts."""
    with StubRegistry() as stub:
        served = []

        def answer(request):
            with stub.lock:
                if served and request.arrived - served[-1] < 1:
                    return error_reply(429, "TOOMANYREQUESTS", "Rate exceeded", {"Retry-After": "1"})
                served.append(request.arrived)
            return stub.usual(request)

        references = serve(stub, 5)
        for number in range(5):
            stub.script(f"/v2/a{number}/b/manifests/1", answer)
        ended = check(references, timeout=90)
    tap.equal((reasons(ended), ended.exit), (["no_match"] * 5, 0))
    tap.equal(len(served), 5, "answers")


def test_a_budget_of_requests():
    with StubRegistry() as stub:
        references = serve(stub, 8)
        ended = check(references, "-j", "1", "--max-requests", "5")
        count = len(stub.requests)
    tap.equal(count, 5, "requests")
    tap.equal(Counter(reasons(ended))["over_limit"], 4)
    tap.equal(ended.findings[-1]["errors"], [
        {"code": "over_limit", "message": "the run's budget of 5 requests is used up"}])
    tap.equal(ended.exit, 3)


def test_a_budget_of_bytes():
    size = len(IMAGE.document)
    with StubRegistry() as stub:
        references = serve(stub, 4)
        ended = check(references, "-j", "1", "--depth", "manifest", "--max-bytes", str(3 * size))
    tap.equal(ended.exit, 3)
    received = sum(finding["cost"]["bytes"] for finding in ended.findings)
    assert received <= 3 * size, f"{received} bytes received"
    tap.equal(ended.findings[-1]["errors"], [
        {"code": "over_limit", "message": f"the run's budget of {3 * size} bytes is used up"}])


def test_budgets_that_make_no_sense():
    for option, value in (("--max-requests", "0"), ("--max-bytes", "-1"), ("--max-bytes", "1T"),
                          ("--max-bytes", "1KB"), ("--max-requests", ""), ("--max-bytes", "K"),
                          ("--max-bytes", "99999999999999999999"), ("--max-bytes", "17179869184G")):
        with tempfile.TemporaryDirectory() as folder:
            ended = run_layerproof("--index", import_images(folder), "check", option, value, "a.example/b")
        tap.equal((ended.exit, ended.stdout, ended.stderr),
                  (2, "", f"layerproof: {option} is a whole number above 0, perhaps with K, M or G "
                   f"behind, not \"{value}\"\n"), value)


tap.main(globals())
