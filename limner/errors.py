"""Every error that this package raises on purpose.

LimnerError
|-- RequestError             the caller can fix it; names the field in `param`
|   |-- InvalidPrompt
|   |-- InvalidField
|   |-- UnsupportedSize
|   |-- IncompatibleFields
|   |-- UnknownModel
|   |-- UnwritableOutput
|   `-- MissingExtra
|-- DamagedFile              a weights file, pack or download is not what its manifest says
|-- DownloadFailed           a package registry could not be reached or answered nonsense
`-- EngineError              our side failed; asking again can succeed
    |-- EngineDied
    `-- QueueFull
"""

from __future__ import annotations


class LimnerError(Exception):
    """The root. `code` never changes once released; `message` says what, which value, and what to do."""

    code = "limner_error"

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class RequestError(LimnerError):
    """The request cannot be done as asked; the caller can change it."""

    code = "invalid_request"


class InvalidPrompt(RequestError):
    """The prompt is empty, too long, or not text."""

    code = "invalid_prompt"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="prompt")


class InvalidField(RequestError):
    """One field has a value outside what it allows."""

    code = "invalid_value"

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message, param=param)


class UnsupportedSize(RequestError):
    """The size is malformed or outside what can be drawn."""

    code = "unsupported_size"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="size")


class IncompatibleFields(RequestError):
    """Two fields are each legal and cannot be had together."""

    code = "incompatible_fields"

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message, param=param)


class UnknownModel(RequestError):
    """No model, alias or snapshot has this name."""

    code = "model_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="model")


class UnwritableOutput(RequestError):
    """The picture cannot be written where the caller asked."""

    code = "unwritable_output"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="output")


class MissingExtra(RequestError):
    """The command needs an optional part of the package; the message gives the install command."""

    code = "missing_extra"


class DamagedFile(LimnerError):
    """A file on disk does not match its digest or format."""

    code = "damaged_file"


class DownloadFailed(LimnerError):
    """A package could not be downloaded."""

    code = "download_failed"


class EngineError(LimnerError):
    """The engine could not finish accepted work."""

    code = "engine_error"


class EngineDied(EngineError):
    """The engine's process ended while it worked; the next request starts a new one."""

    code = "engine_died"


class QueueFull(EngineError):
    """Too many requests wait; try again later."""

    code = "queue_full"
