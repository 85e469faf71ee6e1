"""The OpenAPI document: HTTP routes, and the live socket's messages in the same schema."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from field_api.declared import FEATURES
from field_api.links.browsers.messages import live_adapter
from field_api.links.video.hub import StreamInfo

__all__ = ["install_openapi"]

_REF = "#/components/schemas/{model}"


def _socket_schemas() -> dict[str, Any]:
    schema = live_adapter(FEATURES).json_schema(ref_template=_REF, mode="serialization")
    schemas: dict[str, Any] = schema.pop("$defs")
    schemas["LiveMessage"] = schema
    schemas["StreamInfo"] = StreamInfo.model_json_schema(ref_template=_REF, mode="serialization")
    return {name: _plain(shape) for name, shape in schemas.items()}


def _plain(schema: Any) -> Any:
    """Drop defaults of null, as FastAPI does for HTTP."""
    if isinstance(schema, dict):
        known = cast(dict[str, Any], schema)
        return {k: _plain(v) for k, v in known.items() if k != "default" or v is not None}
    if isinstance(schema, list):
        return [_plain(entry) for entry in cast(list[Any], schema)]
    return schema


def _type_errors(document: dict[str, Any]) -> None:
    """Say that errors are JSON also where the good answer is a picture."""
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    for methods in document["paths"].values():
        for operation in methods.values():
            for code, response in operation["responses"].items():
                if code.startswith("4"):
                    response["content"] = error


def install_openapi(app: FastAPI) -> None:
    """Make `app.openapi()` include what WebSockets carry; one name always means one shape."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            known: dict[str, Any] = document["components"]["schemas"]
            for name, schema in _socket_schemas().items():
                if known.setdefault(name, schema) != schema:
                    raise ValueError(f"the schema {name} differs between HTTP and WebSocket")
            for unused in ("HTTPValidationError", "ValidationError"):
                known.pop(unused, None)
            _type_errors(document)
            document["components"]["schemas"] = dict(sorted(known.items()))
            document["components"]["securitySchemes"] = {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "xunshan_session"},
                "bearer": {"type": "http", "scheme": "bearer"},
            }
            document["security"] = [{"cookie": []}, {"bearer": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi
