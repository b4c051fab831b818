#!/usr/bin/python3
"""Which addresses a request may go to: looked at when a name has been resolved, not before.

registry.test at 127.0.0.1 with --allow-net 127.0.0.1 stands for a public registry here: it may be
led to public addresses and to that one, so that 127.0.0.2 is an address inside that must never be
connected to."""

import contextlib
import dataclasses
import tempfile

from asking import check_references, errors_of, verdict
from asking import NO_MATCH, OURS, REPOSITORY, STRANGER, UNREACHABLE, blob_path, manifest_path
from exports import import_images
from harness import Authority, ForwardProxy, Recorder, Reply, StubRegistry
from resolver import Names
from running import Running

import tap

INSIDE = "127.0.0.2"
PUBLIC = ("--allow-net", "127.0.0.1")
LAYER = blob_path(STRANGER.layers[0])


def plain(*names):
    return [part for name in names for part in ("--plain-http", name)]


def check(names, reference, *arguments, **how):
    """(exit code, finding) of one reference."""
    ended = check_references(reference, arguments=arguments, environment=names.environment, **how)
    return ended.exit, ended.findings[0]


def assert_refused(ended, message):
    code, finding = ended
    tap.equal(verdict(code, finding), UNREACHABLE)
    tap.equal(errors_of(finding), [("unreachable", None, message)])


def assert_layer_refused(ended, message):
    """The documents were read, and the layer was not to be had."""
    _, finding = ended
    tap.equal((finding["digest"], finding["coverage"]["layers"]["hashed"]), (STRANGER.digest, 0))
    tap.equal([(code, text) for code, _, text in errors_of(finding)], [("unreachable", message)])


def serve(stub, image=STRANGER):
    stub.put_image(REPOSITORY, "1", image)
    return stub


def reference(port, host="registry.test"):
    return f"{host}:{port}/{REPOSITORY}:1"


class Silent(Recorder):
    """Where nobody may connect to."""

    def answer(self, _request):
        return Reply(500)

    def __exit__(self, *reason):
        super().__exit__(*reason)
        if reason[0] is None:
            tap.equal((self.connections, self.requests), (0, []), f"connections to {self.address}")


def test_public_name_that_resolves_to_loopback():
    with Names(registry_test=["127.0.0.1"]) as names, Silent() as inside:
        host = f"registry.test:{inside.port}"
        message = f"{host}: 127.0.0.1 is a loopback address, refused without --allow-net"
        assert_refused(check(names, reference(inside.port)), message)
        assert_refused(check(names, reference(inside.port), *plain(host)), message)
        assert_refused(check(names, reference(inside.port), "--allow-net", "127.0.0.2"), message)


def test_public_name_that_resolves_to_a_private_or_metadata_address():
    rows = {
        "10.0.0.1": "a private address", "192.168.1.1": "a private address",
        "100.64.0.1": "a private address", "169.254.169.254": "a cloud metadata address",
        "169.254.1.1": "a link-local address", "fd00:ec2::254": "a cloud metadata address",
        "fd00::1": "a private address", "64:ff9b::7f00:1": "a wrapped address that is not public",
        "224.0.0.1": "a multicast address", "0.0.0.0": "an unspecified address",
        "198.18.0.1": "a benchmarking address", "255.255.255.255": "a reserved address",
    }
    for address, what in rows.items():
        with Names(registry_test=[address]) as names:
            ended = check(names, reference(5000), *plain("registry.test"))
            assert_refused(ended, f"registry.test:5000: {address} is {what}, "
                                  "refused without --allow-net")


def test_refused_address_takes_no_request_from_the_budget():
    with Names(registry_test=["127.0.0.1"]) as names, StubRegistry() as stub, \
            Silent() as inside:
        serve(stub)
        ended = check_references(*[reference(inside.port)] * 3, reference(stub.port, "127.0.0.1"),
                                 arguments=("-j", "1", "--max-requests", "3"),
                                 environment=names.environment)
        tap.equal([finding["reason"] for finding in ended.findings],
                  ["unreachable"] * 3 + ["no_match"])
        tap.equal([finding["cost"]["requests"] for finding in ended.findings], [0, 0, 0, 2])


def test_name_that_is_allowed():
    with Names(registry_test=["127.0.0.1"]) as names, StubRegistry() as stub:
        serve(stub)
        ended = check(names, reference(stub.port), *plain("registry.test"), *PUBLIC)
        tap.equal(verdict(*ended), NO_MATCH)
        ended = check(names, reference(stub.port), config="[network]\nplain_http = registry.test\n"
                                                          "allow_net = 127.0.0.0/31\n")
        tap.equal(verdict(*ended), NO_MATCH)


def test_name_with_two_addresses_of_which_one_is_refused():
    for addresses in ([INSIDE, "127.0.0.1"], ["127.0.0.1", INSIDE], ["::1", "127.0.0.1"],
                      ["10.0.0.1", "169.254.169.254", INSIDE, "127.0.0.1"]):
        with Names(registry_test=addresses) as names, StubRegistry() as stub, \
                Silent(host=INSIDE, port=stub.port):
            serve(stub)
            ended = check(names, reference(stub.port), *plain("registry.test"), *PUBLIC)
            tap.equal(verdict(*ended), NO_MATCH, str(addresses))


def test_name_with_addresses_that_are_all_refused():
    """The first of them is named."""
    for addresses, what in ((["10.0.0.1", INSIDE], "10.0.0.1 is a private address"),
                            ([INSIDE, "10.0.0.1"], "127.0.0.2 is a loopback address")):
        with Names(registry_test=addresses) as names, Silent(host=INSIDE) as inside:
            assert_refused(check(names, reference(inside.port), *PUBLIC),
                           f"registry.test:{inside.port}: {what}, refused without --allow-net")


def test_name_with_two_addresses_of_which_the_other_does_not_answer():
    with Names(registry_test=[INSIDE, "127.0.0.1"]) as names, Silent(host=INSIDE) as inside:
        host = f"registry.test:{inside.port}"
        assert_refused(check(names, reference(inside.port), *PUBLIC),
                       f"{host}: cannot connect: Connection refused")


def test_name_that_moves_inside_between_two_requests_of_a_run():
    """The second registry is the same name at another port, which is resolved anew."""
    with Names(registry_test=["127.0.0.1"]) as names, StubRegistry() as stub, \
            StubRegistry() as other, Silent(host=INSIDE, port=other.port), \
            tempfile.TemporaryDirectory() as folder:
        serve(stub)
        serve(other)
        index = import_images(folder)
        with Running("--index", index, "check", "-j", "1", *plain("registry.test"), *PUBLIC,
                     environment=names.environment) as run:
            run.send(f"{reference(stub.port)}\n")
            run.wait_for_lines(1)
            names.set({"registry.test": [INSIDE]})
            run.send(f"{reference(other.port)}\n")
            ended = run.finish()
        tap.equal(ended.findings[0]["reason"], "no_match")
        assert_refused((ended.exit, ended.findings[1]),
                       f"registry.test:{other.port}: 127.0.0.2 is a loopback address, "
                       "refused without --allow-net")
        tap.equal(other.connections, 0, "connections to the other")


def test_name_that_moves_inside_while_its_token_is_asked_for():
    with Names(registry_test=["127.0.0.1"]) as names, StubRegistry() as stub, \
            StubRegistry() as realm, Silent(host=INSIDE, port=realm.port):
        def challenge(_request):
            names.set({"registry.test": [INSIDE]})
            return Reply(401, {"WWW-Authenticate":
                               f'Bearer realm="http://registry.test:{realm.port}/token"'})
        stub.script(manifest_path("1"), challenge)
        ended = check(names, reference(stub.port), *plain("registry.test"), *PUBLIC)
        assert_refused(ended, f"registry.test:{realm.port}: 127.0.0.2 is a loopback address, "
                              f"refused where registry.test:{stub.port} leads to it")
        tap.equal(realm.connections, 0)


@contextlib.contextmanager
def registry_with_storage():
    """(check(references), the registry's reference, the storage's reference, the storage). Both
    speak TLS and have the image; the registry, at 127.0.0.1, leads to the other for its layer, at
    the same address by a name."""
    with tempfile.TemporaryDirectory() as folder, Names(storage_test=["127.0.0.1"]) as names:
        authority = Authority(folder)

        def check_both(*references):
            return check_references(*references, depth="full", environment=names.environment,
                                    arguments=("-j", "1", "--ca-file", authority.certificate_file))

        with StubRegistry(certificate=authority.issue()) as stub, \
                StubRegistry(certificate=authority.issue(["storage.test"])) as storage:
            serve(stub)
            serve(storage)
            stub.script(LAYER, Reply(307, {
                "Location": f"https://storage.test:{storage.port}{LAYER}"}))
            yield (check_both, reference(stub.port, "127.0.0.1"),
                   reference(storage.port, "storage.test"), storage)


def test_open_connection_is_not_used_where_the_address_is_out_of_reach():
    """A registry at 127.0.0.1 may lead to 127.0.0.1 by a name; that name alone may not be there."""
    with registry_with_storage() as (check_both, at_registry, at_storage, storage):
        ended = check_both(at_registry, at_storage)
        tap.equal(verdict(0, ended.findings[0]), NO_MATCH)
        assert_refused((ended.exit, ended.findings[1]),
                       f"storage.test:{storage.port}: 127.0.0.1 is a loopback address, refused without --allow-net")
        tap.equal([request.path for request in storage.requests], [LAYER])
        tap.equal(storage.connections, 1)


def test_refused_name_is_not_down_for_others():
    """After the refusal the same host is still reached by whom it is in reach of, at once."""
    with registry_with_storage() as (check_both, at_registry, at_storage, storage):
        ended = check_both(at_storage, at_registry)
        tap.equal([finding["reason"] for finding in ended.findings], ["unreachable", "no_match"])
        tap.equal([request.path for request in storage.requests], [LAYER])


def test_redirect_to_a_name_that_resolves_inside():
    with Names(registry_test=["127.0.0.1"], inside_test=[INSIDE]) as names, \
            StubRegistry() as stub, Silent(host=INSIDE) as inside:
        serve(stub)
        for scheme in ("http", "https"):
            stub.script(LAYER, Reply(307, {"Location": f"{scheme}://inside.test:{inside.port}/x"}))
            ended = check(names, reference(stub.port), *plain("registry.test", "inside.test"),
                          *PUBLIC, depth="full")
            assert_layer_refused(ended, f"inside.test:{inside.port}: 127.0.0.2 is a loopback "
                                        f"address, refused where registry.test:{stub.port} leads "
                                        "to it")


def test_redirect_to_an_address_inside():
    """Whatever it is written like, and from each of the kinds of homes."""
    targets = {
        "127.0.0.2": "127.0.0.2 is a loopback address",
        "2130706434": "127.0.0.2 is a loopback address",
        "0x7f.2": "127.0.0.2 is a loopback address",
        "[::ffff:127.0.0.2]": "[::ffff:127.0.0.2] is a loopback address",
        "10.0.0.1": "10.0.0.1 is a private address",
        "169.254.169.254": "169.254.169.254 is a cloud metadata address",
        "[fd00:ec2::254]": "[fd00:ec2::254] is a cloud metadata address",
        "[64:ff9b::a00:1]": "[64:ff9b::a00:1] is a wrapped address that is not public",
        "[2002:7f00:1::1]": "[2002:7f00:1::1] is a wrapped address that is not public",
        "0.0.0.0": "0.0.0.0 is an unspecified address",
    }
    with Names(registry_test=["127.0.0.1"]) as names, StubRegistry() as stub, \
            Silent(host=INSIDE) as inside:
        serve(stub)
        for target, what in targets.items():
            stub.script(LAYER, Reply(307, {"Location": f"https://{target}:{inside.port}/x"}))
            ended = check(names, reference(stub.port), *plain("registry.test"), *PUBLIC,
                          depth="full")
            assert_layer_refused(ended, f"registry.test:{stub.port}: redirect refused: {what}")


def test_host_on_the_way_leads_no_further_than_the_registry_may():
    """The registry leads to 127.0.0.1, which is allowed, and whose token server is at 127.0.0.2."""
    with Names(registry_test=["127.0.0.1"]) as names, StubRegistry() as stub, \
            StubRegistry() as between, Silent(host=INSIDE) as inside:
        serve(stub)
        stub.script(LAYER, Reply(307, {"Location": f"{between.url}{LAYER}"}))
        between.script(LAYER, Reply(401, {"WWW-Authenticate":
                                          f'Bearer realm="{inside.url}/token",service="x"'}))
        ended = check(names, reference(stub.port), *plain("registry.test"), *PUBLIC, depth="full")
        assert_layer_refused(ended, f"{between.address}: token realm refused: "
                                    "127.0.0.2 is a loopback address")


def test_registry_on_loopback_leads_to_no_other_network():
    with StubRegistry() as stub:
        serve(stub)
        for target, what in (("10.0.0.1", "a private address"), ("[fd00::1]", "a private address"),
                             ("169.254.169.254", "a cloud metadata address"),
                             ("[::]", "an unspecified address"),
                             ("[::ffff:10.0.0.1]", "a private address")):
            stub.script(LAYER, Reply(307, {"Location": f"https://{target}/x"}))
            ended = check_references(f"{stub.address}/{REPOSITORY}:1", depth="full")
            assert_layer_refused((ended.exit, ended.findings[0]),
                                 f"{stub.address}: redirect refused: {target} is {what}")


def test_registry_on_loopback_may_lead_to_loopback():
    with StubRegistry() as stub, StubRegistry(host=INSIDE) as storage:
        serve(stub)
        serve(storage)
        stub.script(LAYER, Reply(307, {"Location": f"http://[::ffff:127.0.0.2]:{storage.port}"
                                                   f"{LAYER}"}))
        ended = check_references(f"{stub.address}/{REPOSITORY}:1", depth="full")
        tap.equal(verdict(ended.exit, ended.findings[0]), NO_MATCH)
        tap.equal([request.path for request in storage.requests], [LAYER])


class Passing(Recorder):
    """A forward proxy for plain HTTP that answers in the place of the hosts: {host: replies}."""

    def __init__(self, **how):
        super().__init__(**how)
        self.hosts = {}

    def answer(self, request):
        if request.method != "GET":
            return Reply(403)
        path = "/" + request.target.split("/", 3)[3]  # of "http://host/path"
        return self.hosts[request.header("Host")](dataclasses.replace(request, target=path))


def proxied(proxy, registry, *arguments, depth="decisive", **environment):
    ended = check_references(f"{registry}/{REPOSITORY}:1", depth=depth, arguments=arguments,
                             environment={"http_proxy": proxy.url, "https_proxy": proxy.url,
                                          **environment})
    return ended.exit, ended.findings[0]


def test_proxy_may_be_anywhere_and_its_names_are_not_resolved_here():
    """registry.test does not resolve on this machine."""
    with Names(proxy_test=["127.0.0.1"]) as names, StubRegistry() as stub, Passing() as proxy:
        serve(stub)
        proxy.hosts["registry.test"] = stub.answer
        environment = {**names.environment, "http_proxy": f"http://proxy.test:{proxy.port}",
                       "https_proxy": f"http://proxy.test:{proxy.port}"}
        ended = check_references(f"registry.test/{REPOSITORY}:1", environment=environment,
                                 arguments=plain("registry.test"))
        tap.equal(verdict(ended.exit, ended.findings[0]), NO_MATCH)


def test_what_is_named_is_vetted_through_a_proxy_too():
    with StubRegistry() as stub, Passing() as proxy:
        serve(stub)
        proxy.hosts["registry.test"] = stub.answer
        for target, what in (("169.254.169.254", "a cloud metadata address"),
                             ("10.0.0.1", "a private address"), ("2130706433", None),
                             ("localhost", "a loopback name"), ("a.localhost.", "a loopback name")):
            before = len(proxy.requests)
            stub.script(LAYER, Reply(307, {"Location": f"http://{target}/x"}))
            ended = proxied(proxy, "registry.test", *plain("registry.test", "169.254.169.254",
                                                           "10.0.0.1"), depth="full")
            shown = f"{target} is {what}" if what else "127.0.0.1 is a loopback address"
            assert_layer_refused(ended, f"registry.test: redirect refused: {shown}")
            said = [request.target for request in proxy.requests[before:]]
            assert not any(target in text or "127.0.0.1/" in text for text in said), said


def test_stranger_behind_a_proxy_does_not_lead_back():
    """From a registry on this machine to a public name, and from there to this machine."""
    with StubRegistry() as stub, Passing() as proxy:
        serve(stub)
        proxy.hosts["127.0.0.1"] = stub.answer
        proxy.hosts["cdn.test"] = lambda _request: Reply(
            307, {"Location": "http://127.0.0.1:9/secrets"})
        stub.script(LAYER, Reply(307, {"Location": "http://cdn.test/x"}))
        ended = proxied(proxy, "127.0.0.1", *plain("cdn.test"), depth="full")
        assert_layer_refused(ended, "cdn.test: redirect refused: 127.0.0.1 is a loopback address")


def test_hosts_that_need_no_proxy_are_vetted_by_their_address():
    with Names(registry_test=["127.0.0.1"], inside_test=[INSIDE]) as names, ForwardProxy() as proxy, \
            StubRegistry() as stub, Silent(host=INSIDE) as inside:
        serve(stub)
        stub.script(LAYER, Reply(307, {"Location": f"http://inside.test:{inside.port}/x"}))
        ended = check_references(
            reference(stub.port), depth="full",
            arguments=(*plain("registry.test", "inside.test"), *PUBLIC),
            environment={**names.environment, "http_proxy": proxy.url, "https_proxy": proxy.url,
                         "no_proxy": "other.test, .test"})
        assert_layer_refused((ended.exit, ended.findings[0]),
                             f"inside.test:{inside.port}: 127.0.0.2 is a loopback address, refused "
                             f"where registry.test:{stub.port} leads to it")
        tap.equal(proxy.passed(), [])


tap.main(globals())
