"""What a scripted endpoint answers in each protocol, as their published references show it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Body = dict[str, Any]

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
RESPONSE_USAGE = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 18,
}
MESSAGE_USAGE = {
    "input_tokens": 5,
    "cache_creation_input_tokens": 4,
    "cache_read_input_tokens": 2,
    "output_tokens": 7,
}


def _chat(asked: Body) -> Body:
    said: Body = {"role": "assistant", "content": "Aye."}
    if asked.get("tools"):
        said = {"role": "assistant", "content": None, "tool_calls": [_tool_call(asked, '{"depth": 3}')]}
    choice = {"index": 0, "message": said, "finish_reason": "tool_calls" if asked.get("tools") else "stop"}
    whole = {"id": "c-1", "object": "chat.completion", "created": 0, "model": asked.get("model")}
    return {**whole, "choices": [choice], "usage": USAGE}


def _tool_call(asked: Body, arguments: str) -> Body:
    name = asked["tools"][0]["function"]["name"]
    return {"id": "call-1", "type": "function", "function": {"name": name, "arguments": arguments}}


def tool_chunks(asked: Body) -> list[Body]:
    """A stream of chat that calls a tool, its arguments in pieces; its use last, in a chunk without choices."""
    pieces: list[Body] = [
        {"role": "assistant", "content": None, "tool_calls": [{"index": 0, **_tool_call(asked, "")}]},
        *({"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in ('{"de', 'pth": ', "3}")),
    ]
    whole = {"id": "c-1", "object": "chat.completion.chunk", "created": 0, "model": asked["model"]}
    told = [{**whole, "choices": [{"index": 0, "delta": piece, "finish_reason": None}]} for piece in pieces]
    told.append({**whole, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    return [*told, {**whole, "choices": [], "usage": USAGE}]


def _completion(asked: Body) -> Body:
    choice = {"index": 0, "text": "Aye.", "finish_reason": "stop", "logprobs": None}
    return {
        "id": "t-1",
        "object": "text_completion",
        "created": 0,
        "model": asked["model"],
        "choices": [choice],
        "usage": USAGE,
    }


def _embedding(asked: Body) -> Body:
    data = [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}]
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    return {"object": "list", "model": asked["model"], "data": data, "usage": usage}


def _response(asked: Body) -> Body:
    text = {"type": "output_text", "text": "Aye.", "annotations": []}
    said = {"type": "message", "id": "m-1", "role": "assistant", "status": "completed", "content": [text]}
    return {
        "id": "r-1",
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "model": asked["model"],
        "output": [said],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": asked.get("tools", []),
        "usage": RESPONSE_USAGE,
    }


def _message(asked: Body) -> Body:
    content: list[Body] = [{"type": "text", "text": "Aye."}]
    if asked.get("tools"):
        content.append({"type": "tool_use", "id": "u-1", "name": asked["tools"][0]["name"], "input": {"depth": 3}})
    return {
        "id": "msg-1",
        "type": "message",
        "role": "assistant",
        "model": asked["model"],
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": MESSAGE_USAGE,
    }


def _response_events(asked: Body) -> list[Body]:
    part = {
        "type": "response.output_text.delta",
        "item_id": "m-1",
        "output_index": 0,
        "content_index": 0,
        "logprobs": [],
    }
    begun = {**_response(asked), "status": "in_progress", "output": [], "usage": None}
    return [
        {"type": "response.created", "sequence_number": 0, "response": begun},
        {**part, "sequence_number": 1, "delta": "Ay"},
        {**part, "sequence_number": 2, "delta": "e."},
        {"type": "response.completed", "sequence_number": 3, "response": _response(asked)},
    ]


def _message_events(asked: Body) -> list[Body]:
    if asked.get("tools"):
        return _tool_use_events(asked)
    begun = {**_message(asked), "content": [], "stop_reason": None, "usage": {**MESSAGE_USAGE, "output_tokens": 1}}
    return [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Ay"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "e."}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 7},
        },
        {"type": "message_stop"},
    ]


def _tool_use_events(asked: Body) -> list[Body]:
    block = {"type": "tool_use", "id": "u-1", "name": asked["tools"][0]["name"], "input": {}}
    begun = {**_message(asked), "content": [], "stop_reason": None, "usage": {**MESSAGE_USAGE, "output_tokens": 1}}
    pieces = [{"type": "input_json_delta", "partial_json": part} for part in ('{"de', 'pth": ', "3}")]
    ended = {"stop_reason": "tool_use", "stop_sequence": None}
    return [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *({"type": "content_block_delta", "index": 0, "delta": piece} for piece in pieces),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 7}},
        {"type": "message_stop"},
    ]


def _counted(asked: Body) -> Body:
    return {"input_tokens": 11}


PLAIN: dict[str, Callable[[Body], Body]] = {
    "chat/completions": _chat,
    "completions": _completion,
    "embeddings": _embedding,
    "responses": _response,
    "messages": _message,
    "messages/count_tokens": _counted,
}
EVENTS: dict[str, Callable[[Body], list[Body]]] = {"responses": _response_events, "messages": _message_events}


def delta_of(path: str, text: str) -> bytes | None:
    """One event with content, for streams without end; ``None`` where chat's chunks serve."""
    if path.endswith("/messages"):
        said: Body = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    elif path.endswith("/responses"):
        said = {"type": "response.output_text.delta", "sequence_number": 1, "delta": text}
    else:
        return None
    return f"event: {said['type']}\ndata: {json.dumps(said)}\n\n".encode()
