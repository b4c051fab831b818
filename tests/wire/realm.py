"""A token server: it signs the tokens that a docker-registry with token login asks for."""

import base64
import json
import re
import time
import urllib.parse
import uuid

from certificates import Authority, make_rsa_key
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from recorder import Recorder, Reply

SCOPE = re.compile(r"^(?P<type>[a-z]+)(?:\([a-z]+\))?:(?P<name>.+):(?P<actions>[a-z,*]+)$")


def encode(data):
    """base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def basic_credentials(header):
    """(user, password) of an Authorization header, or None."""
    if not header or not header.startswith("Basic "):
        return None
    user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return user, password


class TokenRealm(Recorder):
    """Grants what is asked for: all actions to `users` ({name: password}), and `pull` to anybody
    where `anonymous` is set. `member` is the name of the token in the answer. Understands GET and
    the OAuth2 POST with grant_type password or refresh_token (distribution-spec "token" and
    "oauth"). `refresh_tokens` are taken in place of a password: {token: user}."""

    service, issuer = "test registry", "test realm"

    def __init__(self, directory, *, users=None, anonymous=False, member="token", expires_in=300,
                 **how):
        super().__init__(**how)
        self.users, self.anonymous = users or {}, anonymous
        self.member, self.expires_in = member, expires_in
        self.refresh_tokens = {}
        self.key = make_rsa_key()
        # The registry trusts this certificate, and the header of each token carries it.
        self.certificate_file, _ = Authority(directory, "token realm").issue(
            ("token realm",), key=self.key)
        certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        self.x5c = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()

    @property
    def realm(self):
        return f"{self.url}/token"

    def answer(self, request):
        if request.path != "/token":
            return Reply(404)
        fields = request.query
        if request.method == "POST":
            fields = urllib.parse.parse_qs(request.body.decode())
        user, known = self.identify(request, fields)
        if not known and not (user is None and self.anonymous):
            return Reply(401, {"Content-Type": "application/json"}, json.dumps(
                {"errors": [{"code": "UNAUTHORIZED", "message": "who are you"}]}).encode())
        scopes = [scope for text in fields.get("scope", []) for scope in text.split()]
        return Reply(200, {"Content-Type": "application/json"}, json.dumps(
            {self.member: self.sign(user or "", scopes, known),
             "expires_in": self.expires_in}).encode())

    def identify(self, request, fields):
        """(user or None, whether the password or refresh token is right)."""
        if "refresh_token" in fields:
            user = self.refresh_tokens.get(fields["refresh_token"][0])
            return user or "?", user is not None
        given = basic_credentials(request.header("Authorization"))
        if "password" in fields:
            given = fields["username"][0], fields["password"][0]
        if given is None:
            return None, False
        return given[0], self.users.get(given[0]) == given[1]

    def sign(self, user, scopes, known):
        """A JWT that the registry takes: RS256, the certificate in `x5c`."""
        now = int(time.time())
        access = []
        for scope in filter(None, map(SCOPE.match, scopes)):
            actions = [action for action in scope["actions"].split(",")
                       if known or action == "pull"]
            access.append({"type": scope["type"], "name": scope["name"], "actions": actions})
        head = {"typ": "JWT", "alg": "RS256", "x5c": [self.x5c]}
        claims = {"iss": self.issuer, "sub": user, "aud": self.service, "exp": now + self.expires_in,
                  "nbf": now - 10, "iat": now, "jti": str(uuid.uuid4()), "access": access}
        signed = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(claims).encode())}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{encode(signature)}"
