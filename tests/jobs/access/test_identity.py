"""Tokens of a real issuer on this machine: which are taken, where they lead, and what happens when it cannot be asked."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jwt
import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from limner.errors import Forbidden, InvalidField, IssuerUnreachable, Unauthenticated
from limner.jobs.access.identity import CLOCK_SKEW_S, Grant, IdentityDesk, IdentitySettings, is_token, parse_grants
from limner.jobs.access.issuer import ASK_AGAIN_S, FRESH_S, MAX_ANSWER_BYTES, USABLE_S, Issuer
from limner.store.database import Database
from limner.store.identifiers import new_secret
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio
DISCOVERY, KEYS = "/tenant/.well-known/openid-configuration", "/tenant/keys"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    with closing(Database.open(tmp_path / "limner.db")) as database:
        yield KeyStore(database)


@pytest.fixture
def open_desk(issuer: Any, keys: KeyStore, clock: Clock) -> Callable[..., IdentityDesk]:
    def make(**settings: Any) -> IdentityDesk:
        chosen = IdentitySettings(**{"issuer": issuer.url, "audiences": (issuer.audience,), **settings})
        return IdentityDesk(chosen, keys, issuer=Issuer(chosen.issuer, clock=clock))

    return make


@pytest.fixture
def desk(open_desk: Callable[..., IdentityDesk]) -> IdentityDesk:
    return open_desk()


async def test_a_claim_names_a_project_that_exists_from_the_first_token_on(desk: IdentityDesk, issuer: Any, keys: KeyStore):
    first, again, other = [await desk.identify(issuer.token(limner_project=name)) for name in ("art", "art", "shop")]

    assert first == again
    assert (first.role, keys.has_project(first.project_id)) == ("member", True)
    assert other.project_id != first.project_id
    assert issuer.asked == [DISCOVERY, KEYS]


async def test_no_claim_leads_to_a_project_of_keys_or_of_another_tenant(desk: IdentityDesk, issuer: Any, keys: KeyStore):
    secret_project = keys.create("somebody")[0].project_id

    reached = [
        (await desk.identify(issuer.token(**claims))).project_id
        for claims in ({"limner_project": secret_project}, {"limner_project": "art"}, {"limner_project": "art", "tid": "b"})
    ]
    reached.append((await desk.identify(issuer.token(limner_project=reached[1]))).project_id)

    assert secret_project not in reached
    assert len(set(reached)) == 4


async def test_an_app_role_makes_an_admin_of_the_claims_project_alone(open_desk: Callable[..., IdentityDesk], issuer: Any, keys: KeyStore):
    project = keys.create("somebody")[0].project_id
    desk = open_desk(grants=(Grant(claim="groups", value="painters", project_id=project),))

    admin = await desk.identify(issuer.token(roles=["limner.admin"]))
    member = await desk.identify(issuer.token(roles=["limner.admin"], groups=["a", "painters"]))

    assert (admin.role, member.role, member.project_id) == ("admin", "member", project)


async def test_the_first_grant_that_fits_leads_to_a_project_of_keys(open_desk: Callable[..., IdentityDesk], issuer: Any, keys: KeyStore):
    one, other = (keys.create(name)[0].project_id for name in ("one", "other"))
    desk = open_desk(grants=parse_grants([f"tid=acme:{one}:admin", f"roles=https://x/y:z:{other}"]), project_claim="team")

    by_tenant = await desk.identify(issuer.token(tid="acme", roles=["https://x/y:z"]))
    by_role = await desk.identify(issuer.token(tid="other", roles=["https://x/y:z"]))

    assert (by_tenant.project_id, by_tenant.role) == (one, "admin")
    assert (by_role.project_id, by_role.role) == (other, "member")
    with pytest.raises(Forbidden, match="'team'"):
        await desk.identify(issuer.token(tid="other"))


@pytest.mark.parametrize("name", [None, "", 7, ["art"], "x" * 257, {"a": 1}])
async def test_a_good_token_without_a_project_is_forbidden_not_unknown(desk: IdentityDesk, issuer: Any, name: Any):
    with pytest.raises(Forbidden, match="limner_project"):
        await desk.identify(issuer.token(limner_project=name))


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": int(time.time()) - CLOCK_SKEW_S - 5}, "expired"),
        ({"nbf": int(time.time()) + 86_400}, "not good yet"),
        ({"aud": "api://other"}, "another service"),
        ({"aud": None}, "signed for this server"),
        ({"exp": None}, "signed for this server"),
        ({"iss": "https://issuer.example/tenant"}, "another issuer"),
        ({"iss": None}, "signed for this server"),
    ],
)
async def test_claims_that_are_not_good_are_refused_with_the_reason(desk: IdentityDesk, issuer: Any, claims: dict[str, Any], reason: str):
    with pytest.raises(Unauthenticated, match=reason):
        await desk.identify(issuer.token(**claims))


async def test_clocks_may_differ_a_little_and_an_audience_may_be_one_of_several(desk: IdentityDesk, issuer: Any):
    now = int(time.time())

    found = [
        await desk.identify(issuer.token(**claims)) for claims in ({"exp": now - 5}, {"nbf": now + 5}, {"aud": ["x", issuer.audience]})
    ]

    assert len(set(found)) == 1


def forge(issuer: Any, header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, issuer.claims())]
    signature = base64.urlsafe_b64encode(sign(b".".join(parts))).rstrip(b"=")
    return b".".join([*parts, signature]).decode()


async def test_only_the_issuers_own_signature_with_its_own_algorithm_is_good(desk: IdentityDesk, issuer: Any):
    public = issuer.keys["first"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    good = issuer.token()
    head, _, signature = good.split(".")
    stranger, kid = ec.generate_private_key(ec.SECP256R1()), {"kid": "first"}
    tokens = {
        "none": forge(issuer, {"alg": "none", **kid}, lambda _: b"x"),
        "the public key as a secret": forge(issuer, {"alg": "HS256", **kid}, lambda text: hmac.sign(text, public)),
        "another key": jwt.encode(issuer.claims(), stranger, algorithm="ES256", headers=kid),
        "a key of its own": jwt.encode(
            issuer.claims(), stranger, algorithm="ES256", headers=kid | {"jwk": {"kty": "EC"}, "jku": "https://x"}
        ),
        "no key id": jwt.encode(issuer.claims(), issuer.keys["first"], algorithm="ES256"),
        "a number as key id": forge(issuer, {"alg": "ES256", "kid": 1}, lambda _: b"x"),
        "something critical": jwt.encode(issuer.claims(), issuer.keys["first"], algorithm="ES256", headers=kid | {"crit": ["exp"]}),
        "another algorithm's name": forge(issuer, {"alg": "RS256", **kid}, lambda _: b"x"),
        "other claims": ".".join([head, issuer.token(limner_project="other").split(".")[1], signature]),
        "a deep header": base64.urlsafe_b64encode(b"[" * 9000).rstrip(b"=").decode() + ".e30.eA",
        "far too long": "e30." + "x" * 20_000 + ".eA",
        "nothing": "a.b.c",
    }

    for what, token in tokens.items():
        with pytest.raises(Unauthenticated) as refusal:
            await desk.identify(token)
        assert token[:40] not in refusal.value.message, what

    assert (await desk.identify(good)).role == "member"


async def test_rsa_keys_without_an_algorithm_are_those_of_entra_and_secrets_among_the_keys_are_none(desk: IdentityDesk, issuer: Any):
    key, secret = rsa.generate_private_key(65537, 2048), b"s" * 32
    entra = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "entra", "use": "sig", "x5t": "entra"}
    shared = {"kty": "oct", "k": base64.urlsafe_b64encode(secret).decode(), "kid": "oct", "alg": "HS256"}
    issuer.answers[KEYS] = json.dumps(
        {"keys": [shared, {"kty": "odd", "kid": "odd"}, "odd", entra | {"kid": "enc", "use": "enc"}, entra]}
    ).encode()

    identity = await desk.identify(jwt.encode(issuer.claims(), key, algorithm="RS256", headers={"kid": "entra"}))

    assert identity.role == "member"
    for key_id, signer, algorithm in (("oct", secret, "HS256"), ("enc", key, "RS256"), ("entra", key, "PS256")):
        with pytest.raises(Unauthenticated):
            await desk.identify(jwt.encode(issuer.claims(), signer, algorithm=algorithm, headers={"kid": key_id}))


async def test_a_new_key_is_found_when_it_first_signs_and_the_old_one_ends(desk: IdentityDesk, issuer: Any, clock: Clock):
    old = issuer.token()
    before = await desk.identify(old)
    clock.now += ASK_AGAIN_S

    issuer.rotate("second")

    assert await desk.identify(issuer.token()) == before
    with pytest.raises(Unauthenticated):
        await desk.identify(old)
    assert issuer.asked.count(KEYS) == 2


async def test_tokens_that_name_unknown_keys_make_the_issuer_no_work(desk: IdentityDesk, issuer: Any, clock: Clock):
    await desk.identify(issuer.token())
    strangers = [
        jwt.encode(issuer.claims(), issuer.keys["first"], algorithm="ES256", headers={"kid": f"k{number}"}) for number in range(50)
    ]

    for token in strangers:
        with pytest.raises(Unauthenticated):
            await desk.identify(token)
        clock.now += ASK_AGAIN_S / 25

    assert 2 <= issuer.asked.count(KEYS) <= 3


async def test_an_issuer_that_cannot_be_asked_is_no_fault_of_the_token(desk: IdentityDesk, issuer: Any, clock: Clock):
    issuer.answers[DISCOVERY] = None
    for _ in range(5):
        with pytest.raises(IssuerUnreachable):
            await desk.identify(issuer.token())
    tries = issuer.asked.count(DISCOVERY)
    del issuer.answers[DISCOVERY]
    clock.now += ASK_AGAIN_S

    assert (await desk.identify(issuer.token())).role == "member"
    assert tries == 1


async def test_known_keys_outlive_their_issuer_for_a_while_and_unknown_ones_are_not_judged(desk: IdentityDesk, issuer: Any, clock: Clock):
    known = issuer.token()
    await desk.identify(known)
    issuer.answers[KEYS] = None
    issuer.rotate("second")

    clock.now += FRESH_S
    assert (await desk.identify(known)).role == "member"
    with pytest.raises(IssuerUnreachable):
        await desk.identify(issuer.token())
    clock.now += USABLE_S
    with pytest.raises(IssuerUnreachable):
        await desk.identify(known)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"issuer": "https://another.example/tenant", "jwks_uri": "URL/keys"}',
        b'{"issuer": "URL", "jwks_uri": "http://keys.example/keys"}',
        b'{"issuer": "URL", "jwks_uri": 7}',
        b'{"issuer": "URL", "jwks_uri": "URL/keys", "x": "' + b"x" * MAX_ANSWER_BYTES + b'"}',
    ],
)
async def test_a_document_that_is_not_the_issuers_is_not_believed(desk: IdentityDesk, issuer: Any, document: bytes):
    issuer.answers[DISCOVERY] = document.replace(b"URL", issuer.url.encode())

    with pytest.raises(IssuerUnreachable):
        await desk.identify(issuer.token())

    assert KEYS not in issuer.asked


async def test_keys_come_over_tls_from_whom_they_say_they_do(
    make_issuer: Callable[..., Any], keys: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with closing(make_issuer(context)) as issuer:
        settings = IdentitySettings(issuer=issuer.url, audiences=(issuer.audience,))
        with pytest.raises(IssuerUnreachable):
            await IdentityDesk(settings, keys).identify(issuer.token())
        authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

        identity = await IdentityDesk(settings, keys).identify(issuer.token())

    assert identity.role == "member"


def test_keys_never_look_like_tokens_and_tokens_never_like_keys(issuer: Any):
    assert not any(is_token(new_secret()) for _ in range(200))
    assert is_token(issuer.token())


@pytest.mark.parametrize(
    "written", ["", "roles", "roles=x", "roles=x:project", "=x:proj-0123456789abcdef", "roles=x:proj-0123456789abcdef:owner"]
)
def test_a_grant_that_is_not_one_is_refused(written: str):
    with pytest.raises(InvalidField, match="CLAIM=VALUE:PROJECT"):
        parse_grants([written])


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"issuer": "http://issuer.example"}, "oidc_issuer"),
        ({"issuer": "https://["}, "oidc_issuer"),
        ({"audiences": ()}, "oidc_audience"),
        ({"grants": (Grant(claim="a", value="b", project_id="proj-0123456789abcdef"),)}, "oidc_grant"),
    ],
)
async def test_settings_that_would_let_in_the_wrong_ones_stop_the_start(
    open_desk: Callable[..., IdentityDesk], settings: dict[str, Any], param: str
):
    with pytest.raises(InvalidField) as refusal:
        open_desk(**settings)

    assert refusal.value.param == param
