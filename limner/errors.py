"""Every error that this package raises on purpose.

LimnerError
|-- RequestError             the caller can fix it; names the field in `param`
|   |-- InvalidPrompt
|   |-- InvalidField
|   |-- UnsupportedSize
|   |-- IncompatibleFields
|   |-- UnknownModel
|   |-- UnwritableOutput
|   |-- MissingExtra
|   |-- MissingField
|   |-- UnknownField
|   |-- InvalidType
|   |-- InvalidBody          it is not the JSON or the form that the route takes
|   |-- UnsupportedImage     the bytes are not of a kind that is read
|   |-- UnusableImage        of a kind that is read, but broken or over a limit
|   |-- InvalidMask
|   |-- RefusedAddress       a URL that must not be fetched
|   |-- ImageNotFetched      a URL that could not be fetched
|   |-- UnknownFile
|   |-- UnknownPrompt
|   |-- UnknownKey
|   |-- UnknownGeneration
|   |-- UnknownWebhook
|   |-- WebhookNotDelivered  its receiver could not be reached
|   |-- UnknownResponse
|   |-- UnknownConversation
|   |-- UnknownItem          of a response or a conversation
|   |-- UnknownPrevious      the response that another was to follow
|   |-- NotInBackground      it cannot be cancelled: it ends with its request
|   |-- UnknownDeployment
|   |-- UnknownBatch
|   |-- UnknownRoute
|   |-- WrongMethod
|   |-- BodyTooLarge
|   |-- UploadTooSlow
|   |-- OnePictureOnly       a stream of several pictures was asked for
|   |-- Unauthenticated
|   |-- Forbidden
|   `-- Blocked              moderation refused it; says the stage and the categories
|-- DamagedFile              a weights file, pack or download is not what its manifest says
|-- DownloadFailed           a package registry could not be reached or answered nonsense
`-- EngineError              our side failed; asking again can succeed
    |-- EngineDied
    |-- QueueFull
    |-- IssuerUnreachable    a token could not be verified
    |-- ModerationFailed     nothing is let through unjudged
    |-- PlannerFailed        the chat model that plans responses failed
    |-- StoreFailed          the database or the blobs cannot be read or written
    `-- Stopping             the server takes no new work
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


class MissingField(RequestError):
    """A field that is needed is absent."""

    code = "missing_required_parameter"

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message, param=param)


class UnknownField(RequestError):
    """A field that this route, or this model, does not know."""

    code = "unknown_parameter"

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message, param=param)


class InvalidType(RequestError):
    """A field has a value of another type than it takes."""

    code = "invalid_type"

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message, param=param)


class InvalidBody(RequestError):
    """The body as a whole cannot be read."""

    code = "invalid_body"


class UnsupportedImage(RequestError):
    """The bytes of an input image are not of a kind that is read, whatever they are called."""

    code = "unsupported_file_mimetype"


class UnusableImage(RequestError):
    """An input image is damaged, animated, or over a limit."""

    code = "invalid_image"


class InvalidMask(RequestError):
    """The mask does not fit its image, or says nothing."""

    code = "invalid_mask_image_format"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="mask")


class RefusedAddress(RequestError):
    """A URL may not be fetched: its scheme, its address, or the switch is against it."""

    code = "invalid_image_url"


class ImageNotFetched(RequestError):
    """A URL that may be fetched gave no image."""

    code = "failed_to_download_image"


class UnknownFile(RequestError):
    """No file or kept picture of this project has this id."""

    code = "file_not_found"


class UnknownPrompt(RequestError):
    """No prompt of this project is saved under this name, or in this version."""

    code = "prompt_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="name")


class UnknownKey(RequestError):
    """No API key has this id."""

    code = "key_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="key")


class UnknownGeneration(RequestError):
    """No queued generation of this project has this id."""

    code = "generation_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="generation_id")


class UnknownWebhook(RequestError):
    """No webhook endpoint of this project has this id."""

    code = "webhook_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="webhook_endpoint_id")


class WebhookNotDelivered(RequestError):
    """The receiver of a webhook could not be reached, or may not be."""

    code = "webhook_not_delivered"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="url")


class UnknownResponse(RequestError):
    """No response of this project has this id."""

    code = "response_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="response_id")


class UnknownConversation(RequestError):
    """No conversation of this project has this id."""

    code = "conversation_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="conversation_id")


class UnknownItem(RequestError):
    """No item of this project's responses and conversations has this id."""

    code = "item_not_found"


class UnknownPrevious(RequestError):
    """The response that a new one was to follow does not exist, or has not ended yet."""

    code = "previous_response_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="previous_response_id")


class NotInBackground(RequestError):
    """Only responses that run in the background can be cancelled by their id."""

    code = "not_in_background"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="response_id")


class UnknownDeployment(RequestError):
    """No deployment that the caller sees, or may change, has this name."""

    code = "deployment_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="name")


class UnknownBatch(RequestError):
    """No batch of this project has this id."""

    code = "batch_not_found"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="batch_id")


class UnknownRoute(RequestError):
    """The server has no such path."""

    code = "unknown_url"


class WrongMethod(RequestError):
    """The path exists and does not take this method."""

    code = "method_not_allowed"


class BodyTooLarge(RequestError):
    """The body of a request is over the limit of its route."""

    code = "request_too_large"


class UploadTooSlow(RequestError):
    """The body of a request did not arrive in time."""

    code = "request_timeout"


class OnePictureOnly(RequestError):
    """A stream carries one picture."""

    code = "unsupported_parameter"

    def __init__(self, message: str) -> None:
        super().__init__(message, param="input")


class Unauthenticated(RequestError):
    """The API key is missing, unknown, revoked or has ended."""

    code = "invalid_api_key"


class Forbidden(RequestError):
    """The API key is good and may not do this."""

    code = "permission_denied"


class Blocked(RequestError):
    """Moderation refused a prompt, an input or an output; `stage` is `input` or `output`, `categories` are the vendor's words."""

    code = "moderation_blocked"

    def __init__(self, message: str, *, stage: str, categories: tuple[str, ...]) -> None:
        super().__init__(message)
        self.stage = stage
        self.categories = categories


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
    """Too many requests wait; try again after `retry_after_s` seconds, where that can be told."""

    code = "queue_full"
    retry_after_s: float | None = None

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class IssuerUnreachable(EngineError):
    """The keys of the issuer of tokens cannot be had, so a token could be neither taken nor refused."""

    code = "issuer_unreachable"


class ModerationFailed(EngineError):
    """What had to be judged could not be; it was not let through."""

    code = "moderation_failed"


class PlannerFailed(EngineError):
    """The chat model that plans responses could not be asked, or gave nothing that can be used."""

    code = "planner_failed"


class StoreFailed(EngineError):
    """What had to be read or kept could not be: the database or the blobs are out of reach, full or broken."""

    code = "store_failed"


class Stopping(EngineError):
    """The server is about to end and takes no new work."""

    code = "server_is_overloaded"
