"""The asyncio half of the SDK, called as its blocking half is, so that one script judges both.

What is async is awaited on a loop that runs in a thread of its own all the while, as the SDK's own
tasks need one. Natively written scripts, which do several things at once, are in `test_asyncio.py`.
"""

import asyncio
import functools
import inspect
import threading

DEADLINE = 60


class Loop:
    """An event loop in a thread."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, function, *arguments, **options):
        """Calls on the loop, and awaits the result if it has to be awaited."""

        async def on_loop():
            result = function(*arguments, **options)
            return await result if inspect.isawaitable(result) else result

        return asyncio.run_coroutine_threadsafe(on_loop(), self._loop).result(DEADLINE)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Blocking:
    """An object of the asyncio half. What its methods return is wrapped as well, and unwrapped when given."""

    def __init__(self, inner, loop):
        self._inner = inner
        self._loop = loop

    def __getattr__(self, name):
        value = getattr(self._inner, name)
        if not inspect.isroutine(value):
            return self._wrapped(value)
        return functools.partial(self._called, value)

    def __enter__(self):
        self._loop.call(self._inner.__aenter__)
        return self

    def __exit__(self, *error):
        self._loop.call(self._inner.__aexit__, *error)

    def __iter__(self):
        iterator = self._inner.__aiter__()
        while True:
            try:
                yield self._loop.call(iterator.__anext__)
            except StopAsyncIteration:
                return

    def _called(self, method, *arguments, **options):
        arguments = [_unwrapped(one) for one in arguments]
        options = {name: _unwrapped(one) for name, one in options.items()}
        return self._wrapped(self._loop.call(method, *arguments, **options))

    def _wrapped(self, value):
        kind = type(value)
        is_async = hasattr(kind, "__aenter__") or hasattr(kind, "__aiter__")
        is_session = kind.__name__ == "ServiceBusSession"
        return Blocking(value, self._loop) if is_async or is_session else value


def _unwrapped(value):
    return value._inner if isinstance(value, Blocking) else value
