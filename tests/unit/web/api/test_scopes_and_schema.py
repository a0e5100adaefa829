"""The API keeps what its description promises, to anybody and whatever is asked."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from snipersight.domain.access import Scope
from tests.fakes.dashboard_home import api_app, as_caller, client_of, dashboard_home, services_of

# Everything but the stream, which does not end, and charts, which a process of their own reads.
_LEFT_OUT = ("/api/v1/stream", "/api/v1/chart")
_CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    with (
        dashboard_home(tmp_path_factory.mktemp("described")) as settings_,
        services_of(settings_) as services,
    ):
        yield schemathesis.openapi.from_asgi(
            "/api/v1/openapi.json", as_caller(api_app(services))
        ).exclude(path=list(_LEFT_OUT))


def operations(schema: Any) -> list[Any]:
    return [result.ok() for result in schema.get_all_operations()]


def test_no_answer_is_a_fault_or_undescribed(schema):
    """Random parameters and bodies, right and wrong, as a trader: no 5xx, no unknown status."""
    calls = st.one_of([operation.as_strategy() for operation in operations(schema)])

    @settings(
        max_examples=60,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=calls)
    def check(case):
        response = case.call(headers={"Authorization": f"Bearer {Scope.TRADE}"})
        case.validate_response(response, checks=_CHECKS)

    check()


async def test_every_route_asks_who_calls_before_it_looks_at_anything(app):
    described = app.openapi()["paths"]
    asked = [(path, method) for path, methods in described.items() for method in methods]
    assert len(asked) >= 20
    async with client_of(app, None) as client:
        for template, method in asked:
            path = template.format(plan_id="x", which="1")
            response = await client.request(method.upper(), path)
            assert response.status_code == httpx.codes.UNAUTHORIZED, path


async def test_a_reader_may_read_and_tell_nothing(app):
    async with client_of(app, Scope.READ) as client:
        for kind in ("pause", "kill", "approve", "reject", "took", "cancel"):
            wanted = {"kind": kind, "plan_id": "0000000000000001-00000000"}
            response = await client.post("/api/v1/commands", json=wanted)
            assert response.status_code == httpx.codes.FORBIDDEN, kind


@pytest.mark.parametrize("kind", ["resume", "flatten", "rearm", "live", "", None])
async def test_nobody_resumes_rearms_or_flattens_from_here(app, kind):
    async with client_of(app, Scope.ADMIN) as client:
        response = await client.post("/api/v1/commands", json={"kind": kind})
    assert response.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert response.json()["detail"]["where"] == "body.kind"
