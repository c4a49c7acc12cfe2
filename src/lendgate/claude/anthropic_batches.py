"""Message Batches on Anthropic's API: the client of ``anthropic_client``, for many requests at once.

Law: that of ``anthropic_client``. A batch's requests are byte for byte those of single calls; results come
in any order, and one that did not run has cost nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Final

from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse
from anthropic.types.messages.batch_create_params import Request

from lendgate.claude.anthropic_client import AnthropicModel
from lendgate.claude.batch import BatchState, Result
from lendgate.claude.errors import ModelError, ModelUnavailableError
from lendgate.claude.failures import Refused, failure
from lendgate.claude.port import ModelReply, ModelRequest
from lendgate.claude.reading import Answer, judge

_SECONDS: Final = 60.0
"""For one call about a batch; a result has as long for each of its lines."""
_LISTED: Final = 100


class AnthropicBatches(AnthropicModel):
    """A ``BatchPort`` to one deployment, for one event loop."""

    async def create(self, requests: Mapping[str, ModelRequest]) -> str:
        """Hand a batch in; its id."""
        entries = [Request(custom_id=name, params=self._params(each)) for name, each in requests.items()]
        return (await self._guarded(self._client.messages.batches.create(requests=entries), _SECONDS)).id

    async def state(self, batch_id: str) -> BatchState:
        """How a batch stands."""
        return _state(await self._guarded(self._client.messages.batches.retrieve(batch_id), _SECONDS))

    async def recent(self) -> list[BatchState]:
        """The latest batches of this key's workspace, newest first."""
        page = await self._guarded(self._client.messages.batches.list(limit=_LISTED), _SECONDS)
        return [_state(batch) for batch in page.data]

    async def results(self, batch_id: str, asked: Mapping[str, ModelRequest]) -> AsyncGenerator[Result, None]:
        """What became of each request that was asked; what nobody asked for is passed over."""
        lines = aiter(await self._guarded(self._client.messages.batches.results(batch_id), _SECONDS))
        while (line := await self._guarded(anext(lines, None), _SECONDS)) is not None:
            request = asked.get(line.custom_id)
            if request is not None:
                yield line.custom_id, self._read(batch_id, line, request)

    def _params(self, request: ModelRequest) -> MessageCreateParamsNonStreaming:
        params: MessageCreateParamsNonStreaming = {
            "model": request.model,
            "max_tokens": request.max_tokens,
            "messages": self._messages(request),
        }
        if system := self._system(request):
            params["system"] = system
        if config := self._output_config(request):
            params["output_config"] = config
        if isinstance(geo := self._geo(), str):
            params["inference_geo"] = geo
        return params

    def _read(
        self, batch_id: str, line: MessageBatchIndividualResponse, request: ModelRequest
    ) -> ModelReply | ModelError:
        """One line as a reply or an error; the batch's id stands for a request's, which it has none of."""
        result = line.result
        if result.type == "succeeded":
            sent = json.dumps(self._params(request), sort_keys=True).encode()
            answer = Answer(request_id=batch_id, request_hash=hashlib.sha256(sent).hexdigest(), ended=True)
            answer.take_message(result.message, whole=True)
            try:
                return judge(answer, request)
            except ModelError as error:
                return error
        if result.type != "errored":
            return ModelUnavailableError(
                f"the batch ended before this request ran ({result.type})", request_id=batch_id
            )
        told = result.error.error
        words, request_id = self._deployment.cleaned(told.message), result.error.request_id or batch_id
        refused = Refused(400, told.type, None, words, {}, request_id)
        return failure(refused, self._now())


def _state(batch: MessageBatch) -> BatchState:
    counts = batch.request_counts
    done = counts.succeeded + counts.errored + counts.canceled + counts.expired
    ended = batch.processing_status == "ended"
    return BatchState(batch.id, batch.created_at, ended, done, done + counts.processing)
