"""Transports for the administration clients: these speak only https, and the emulator only http."""

from azure.core.pipeline.transport import AioHttpTransport, RequestsTransport


class PlainRequests(RequestsTransport):
    def send(self, request, **options):
        return super().send(_plain(request), **options)


class PlainAioHttp(AioHttpTransport):
    async def send(self, request, **options):
        return await super().send(_plain(request), **options)


def _plain(request):
    request.url = request.url.replace("https://", "http://", 1)
    return request
