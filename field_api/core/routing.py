"""The routes of features: found by the first part of their address, operations among them."""

import inspect
from functools import cached_property
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel
from starlette.routing import Match
from starlette.types import Scope

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.operation import Operation, RowView, run_operation
from field_api.core.services import Context, require

__all__ = ["API", "Routes", "serve_operation"]

API = "/api/v1"
"""What stands before the address of every route."""

NAMED = ("vehicle_id", "node_id", "fence_id", "terminal_id", "device_id", "username", "sortie_id")
"""Path parameters whose ids are names that people gave, no UUIDs."""


class Routes(APIRouter):
    """A feature's routes, asked only for addresses that begin as one of them does.

    FastAPI tries the routes of every included router one after the other, and does so again at each
    level: of a post with 170 routes that took a third of what a small request costs.
    """

    @cached_property
    def begins(self) -> frozenset[str]:
        """First parts of the addresses; what is added later than the first request is not found."""
        return frozenset(_first_part(str(getattr(route, "path", ""))) for route in self.routes)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say at once that an address is none of these."""
        address = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))).removeprefix(API)
        if _first_part(address) not in self.begins:
            return Match.NONE, {}
        return super().matches(scope)


def _first_part(path: str) -> str:
    return path.removeprefix("/").partition("/")[0]


def serve_operation(
    router: APIRouter,
    operation: Operation[Any],
    path: str,
    *,
    operation_id: str,
    returns: type[BaseModel],
    created: bool = False,
    target: str | None = None,
    status_code: int | None = None,
    method: str = "POST",
    view: RowView | None = None,
    tag: str | None = None,
) -> None:
    """Make an operation an HTTP route.

    Args:
        router: the feature's routes.
        operation: what is done.
        path: address; `{target}` in it is named by `target`.
        operation_id: name in the OpenAPI document.
        returns: view of the record.
        created: answers 201, and 200 where the request is repeated.
        target: name of the path parameter that names the record.
        status_code: another status than 200 or 201.
        method: HTTP method.
        view: shows the record, where that is more than what the tail tells of it.
        tag: group in the OpenAPI document, where the router gives none.
    """
    has_body = bool(operation.body.model_fields)

    def endpoint(**given: Any) -> BaseModel:
        ctx, who, response = given["ctx"], given["who"], given["response"]
        body = given["body"] if has_body else operation.body()
        shown, repeated = run_operation(
            ctx, operation, who, body, given.get(target or "", ""), view
        )
        if repeated and created:
            response.status_code = 200
        return shown

    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("ctx", kind, annotation=Context),
        inspect.Parameter(
            "who", kind, annotation=Annotated[Principal, Depends(require(operation.permission))]
        ),
        inspect.Parameter("response", kind, annotation=Response),
    ]
    if has_body:
        parameters.append(inspect.Parameter("body", kind, annotation=operation.body))
    if target is not None:
        of_record = target not in NAMED
        annotation = RecordId if of_record else Annotated[str, Path(max_length=60)]
        parameters.append(inspect.Parameter(target, kind, annotation=annotation))
    endpoint.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
    endpoint.__doc__ = operation.run.__doc__
    endpoint.__name__ = operation_id
    router.add_api_route(
        path,
        endpoint,
        methods=[method],
        operation_id=operation_id,
        tags=[tag] if tag else None,
        response_model=returns,
        status_code=status_code or (201 if created else 200),
    )
