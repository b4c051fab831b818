"""A private certificate authority for the tests, and the certificates that it signs."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def alternative_name(text):
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def pem_of_key(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def pem_of_certificate(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def make_rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Authority:
    """A certificate authority whose files stand in `directory`. `certificate_file` is what a client
    must trust; `client_directory` is the same in the layout that skopeo and docker read."""

    def __init__(self, directory, name="layerproof test authority"):
        self.directory = Path(directory)
        self.name, self.issued = name, 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(name_of(name), self.key.public_key(), [
            (x509.BasicConstraints(ca=True, path_length=0), True)], days=(-1, 1))
        self.client_directory = self.directory / "client"
        self.client_directory.mkdir(parents=True, exist_ok=True)
        self.certificate_file = self.client_directory / "ca.crt"
        self.certificate_file.write_bytes(pem_of_certificate(self.certificate))

    def _sign(self, subject, public_key, extensions, days):
        now = datetime.datetime.utcnow()
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(name_of(self.name))
        builder = builder.public_key(public_key).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now + datetime.timedelta(days=days[0]))
        builder = builder.not_valid_after(now + datetime.timedelta(days=days[1]))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256())

    def issue_self_signed(self, name="127.0.0.1"):
        """A certificate that nobody but itself vouches for; returns (certificate file, key file)."""
        alone = Authority(self.directory / "alone", name)
        return alone.issue_own((name,))

    def issue_own(self, names):
        certificate = self._sign(name_of(self.name), self.key.public_key(), [
            (x509.SubjectAlternativeName([alternative_name(name) for name in names]), False),
        ], days=(-1, 1))
        return self._write(certificate, self.key)

    def issue(self, names=("localhost", "127.0.0.1"), *, expired=False, key=None):
        """A certificate for `names`; returns (certificate file, key file)."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(name_of(names[0]), key.public_key(), [
            (x509.SubjectAlternativeName([alternative_name(name) for name in names]), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
        ], days=(-10, -5) if expired else (-1, 1))
        return self._write(certificate, key)

    def _write(self, certificate, key):
        self.issued += 1
        files = [self.directory / f"{self.issued}.{kind}" for kind in ("crt", "key")]
        files[0].write_bytes(pem_of_certificate(certificate))
        files[1].write_bytes(pem_of_key(key))
        files[1].chmod(0o600)
        return tuple(files)
