"""GET /v1/places: postcodes and cities that `near` understands."""

from inventory_service.web.asking import Ask, Endpoint
from inventory_service.web.models import PlaceList
from inventory_service.web.presenting import place_seen
from inventory_service.web.queries import PlacesQuery
from inventory_service.web.replying import Reply, document_reply


async def places(ask: Ask[PlacesQuery]) -> Reply:
    found = ask.service.search_places(ask.query.q, ask.query.limit)
    return document_reply(PlaceList(results=[place_seen(place) for place in found], next=None))


ENDPOINT = Endpoint(
    path="/v1/places",
    summary="Postcodes and cities by their beginning.",
    query=PlacesQuery,
    document=PlaceList,
    answer=places,
)
