"""Errors as clients see them: what is wrong, in both languages, and which field."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from field_api.core.request_note import request_id
from field_api.core.texts import both

__all__ = [
    "NOT_FOUND",
    "ApiError",
    "ErrorBody",
    "ErrorDetail",
    "Finding",
    "error_response",
    "install_error_handlers",
    "refusal_response",
    "refuse",
    "validation_detail",
]

log = structlog.get_logger(__name__)


class Finding(BaseModel):
    """One part of what was sent that can't be used."""

    where: str
    """Line, element or field."""
    name: str
    text_zh: str
    text_en: str


class ErrorDetail(BaseModel):
    """One refusal."""

    code: str
    """Stable name a program can act on."""
    text_zh: str
    text_en: str
    field: str | None = None
    """The offending field, dotted, where there is one."""
    findings: list[Finding] | None = None
    """Of a file: every part that can't be used, by name."""
    request_id: str | None = None
    """What to tell whoever looks after the server: its log names the request so."""


class ErrorBody(BaseModel):
    """The body of every 4xx answer."""

    detail: ErrorDetail


class ApiError(Exception):
    """A request refused for a reason the client can act on."""

    def __init__(
        self, status: int, code: str, text_zh: str, text_en: str, *, field: str | None = None
    ) -> None:
        super().__init__(f"{code}: {text_en}")
        self.status = status
        self.detail = ErrorDetail(code=code, text_zh=text_zh, text_en=text_en, field=field)
        self.retry_after_s: int | None = None


def refuse(status: int, code: str, /, *, field: str | None = None, **values: object) -> ApiError:
    """Return the refusal whose texts stand in the catalogues as `errors.CODE`."""
    text = both(f"errors.{code}", **values)
    return ApiError(status, code, text.zh, text.en, field=field)


def error_response(status: int, detail: ErrorDetail) -> JSONResponse:
    """Return `detail` as the answer to the request under way."""
    known = detail.model_copy(update={"request_id": request_id()})
    return JSONResponse(ErrorBody(detail=known).model_dump(exclude_none=True), status)


def refusal_response(error: ApiError) -> JSONResponse:
    """Return a refusal as the answer to the request under way."""
    response = error_response(error.status, error.detail)
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


_ZH: dict[str, str] = {
    "missing": "必填",
    "extra_forbidden": "不是本接口的字段",
    "json_invalid": "不是有效的 JSON",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "至多 {max_length} 个字符",
    "string_pattern_mismatch": "格式应为 {pattern}",
    "string_type": "应为文字",
    "string_unicode": "应为有效的 Unicode 文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "enum": "只能是 {expected}",
    "literal_error": "只能是 {expected}",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    # Raised by validators that bring both texts themselves.
    "bilingual": "{text_zh}",
}

NOT_FOUND = ErrorDetail(
    code="not_found", text_zh="没有这个地址", text_en="There is nothing at this address"
)

_STATUS: dict[int, tuple[str, str, str]] = {
    404: (NOT_FOUND.code, NOT_FOUND.text_zh, NOT_FOUND.text_en),
    405: ("method_not_allowed", "此地址不支持该方法", "This address does not take that method"),
    400: ("bad_request", "请求无法解析", "The request could not be parsed"),
}


def _chinese(finding: dict[str, Any]) -> str:
    template = _ZH.get(finding["type"])
    if template is None:
        return str(finding["msg"])
    context: dict[str, Any] = finding.get("ctx") or {}
    try:
        return template.format(**context)
    except KeyError:
        return str(finding["msg"])


def _field(location: tuple[int | str, ...]) -> str:
    parts = location[1:] if location and location[0] in ("body", "query", "path") else location
    return ".".join(str(part) for part in parts)[:200] or "body"


def validation_detail(findings: list[dict[str, Any]]) -> ErrorDetail:
    """Return what a body lacks, from pydantic's findings."""
    named = [(_field(tuple(finding["loc"])), finding) for finding in findings[:3]]
    more = len(findings) - len(named)
    zh = ";".join(f"{name}:{_chinese(finding)}" for name, finding in named)
    en = "; ".join(f"{name}: {finding['msg']}" for name, finding in named)
    if more:
        zh, en = f"{zh};另有 {more} 处", f"{en}; and {more} more"
    return ErrorDetail(
        code="invalid",
        text_zh=zh[:900].encode(errors="replace").decode(),
        text_en=en[:900].encode(errors="replace").decode(),
        field=named[0][0].encode(errors="replace").decode() if named else None,
    )


def install_error_handlers(app: FastAPI) -> None:
    """Make every refusal of `app` an `ErrorBody`, logged once."""

    async def on_api_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ApiError)
        # The address as it came: what `request.url` makes of it depends on a header's honesty.
        path = request.scope["path"]
        log.info("refused", path=path, status=error.status, code=error.detail.code)
        return refusal_response(error)

    async def on_invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        detail = validation_detail(list(error.errors()))
        path = request.scope["path"]
        log.info("refused", path=path, status=422, code="invalid", field=detail.field)
        return error_response(422, detail)

    async def on_http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code, zh, en = _STATUS.get(
            error.status_code, ("refused", "请求被拒绝", str(error.detail) or "Refused")
        )
        return error_response(error.status_code, ErrorDetail(code=code, text_zh=zh, text_en=en))

    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http_error)
