"""From a view to the bytes of an answer: once, and with the model that the API describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from snipersight.web.api.problems import RESPONSES, ApiRoute

if TYPE_CHECKING:
    from snipersight.web.api.values import Model

JSON = "application/json"


def answer(model: type[Model], view: object) -> Response:
    """Return a view as JSON of a model; what the framework would validate again is not."""
    return Response(model.model_validate(view).model_dump_json(), media_type=JSON)


def router(tag: str) -> APIRouter:
    """Return a router whose routes tell their errors."""
    responses: dict[int | str, dict[str, Any]] = RESPONSES
    return APIRouter(tags=[tag], route_class=ApiRoute, responses=responses)
