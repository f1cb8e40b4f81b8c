"""A token service as GitHub Actions offers it to a job: identity tokens, really signed, claims at will."""

from __future__ import annotations

import secrets
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from towpath.index.twin.records import Publisher

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from werkzeug.wrappers import Request, Response

GITHUB = "https://token.actions.githubusercontent.com"
KEY_ID = "towpath-twin"
IDENTITY_SECONDS = 300
_PATH = "/_apis/oidctoken"

DEFAULT_CLAIMS: Mapping[str, Any] = {
    "iss": GITHUB,
    "sub": "repo:towpath/rehearsal:ref:refs/heads/main",
    "repository": "towpath/rehearsal",
    "repository_id": "2",
    "repository_owner": "towpath",
    "repository_owner_id": "1",
    "repository_visibility": "public",
    "job_workflow_ref": "towpath/rehearsal/.github/workflows/release.yml@refs/heads/main",
    "workflow_ref": "towpath/rehearsal/.github/workflows/release.yml@refs/heads/main",
    "event_name": "push",
    "ref": "refs/heads/main",
    "ref_type": "branch",
    "sha": "0" * 40,
    "actor": "rehearsal",
    "runner_environment": "github-hosted",
}


def new_key() -> RSAPrivateKey:
    """A key to sign with, as long as GitHub's. It takes some hundredths of a second."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """Stands for GitHub's token service; use `Issuer.serve`.

    `request_url` and `request_token` are what a job finds in ACTIONS_ID_TOKEN_REQUEST_URL and
    ACTIONS_ID_TOKEN_REQUEST_TOKEN. `claims` may be changed at any time; a claim set to None is left out.
    """

    def __init__(self, claims: Mapping[str, Any] | None = None, *, key: RSAPrivateKey | None = None) -> None:
        self._key = key or new_key()
        self.claims: dict[str, Any] = {**DEFAULT_CLAIMS, **(claims or {})}
        self.request_token = secrets.token_urlsafe(32)
        self.request_url = ""
        self.url = ""

    @classmethod
    @contextmanager
    def serve(
        cls, *, claims: Mapping[str, Any] | None = None, port: int = 0, key: RSAPrivateKey | None = None
    ) -> Iterator[Issuer]:
        """An issuer on a free loopback port (or `port`), as long as the block lasts; `key` is one of `new_key`."""
        from towpath.index.twin.serving import Serving

        issuer = cls(claims, key=key)
        serving = Serving(issuer._answer, port)
        issuer.url = serving.url
        issuer.request_url = f"{serving.url}{_PATH}?api-version=2.0"
        try:
            yield issuer
        finally:
            serving.close()

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a job finds the service."""
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": self.request_url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token,
        }

    @property
    def keys(self) -> dict[str, Any]:
        """The public keys as a JWKS: what the twin is given instead of fetching it."""
        import json

        from jwt.algorithms import RSAAlgorithm

        key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**key, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}

    def token(self, audience: str, **overrides: object) -> str:
        """An identity token for the audience; claims given here replace the issuer's, None leaves one out."""
        now = int(time.time())
        timely = {"iat": now, "nbf": now, "exp": now + IDENTITY_SECONDS, "jti": str(uuid.uuid4())}
        claims = {**timely, **self.claims, "aud": audience, **overrides}
        return self.sign({name: value for name, value in claims.items() if value is not None})

    def sign(
        self,
        claims: Mapping[str, Any],
        *,
        key: RSAPrivateKey | str | None = None,
        algorithm: str = "RS256",
        kid: str | None = KEY_ID,
    ) -> str:
        """Exactly these claims, signed; another key, algorithm or key id makes a token that is refused."""
        import jwt

        headers = {"kid": kid} if kid else {}
        return jwt.encode(dict(claims), key or self._key, algorithm=algorithm, headers=headers)

    def publisher(self, project: str, *, environment: str = "") -> Publisher:
        """The trusted publisher that the issuer's present claims match."""
        workflow = str(self.claims["job_workflow_ref"]).partition("@")[0].rpartition("/")[2]
        return Publisher(
            project,
            str(self.claims["repository"]),
            workflow,
            environment,
            str(self.claims["repository_owner_id"]),
        )

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        from werkzeug.wrappers import Request

        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        from towpath.index.twin.answers import json_answer

        if request.path == "/.well-known/jwks":
            return json_answer(self.keys)
        if request.path != _PATH:
            return json_answer({"message": "Not Found"}, 404)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(token.encode(), self.request_token.encode()):
            return json_answer({"message": "Unauthorized"}, 401)
        audience = request.args.get("audience") or f"https://github.com/{self.claims['repository_owner']}"
        token = self.token(audience)
        return json_answer({"count": len(token), "value": token})
