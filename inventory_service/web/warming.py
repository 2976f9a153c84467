"""The compiled parts made ready before anybody asks: from what an earlier start kept, or anew, which takes a while."""

from geo.point import Point
from inventory_service.domain.availability import Question
from inventory_service.domain.product import Product, RetailPrice
from inventory_service.lookup.cached import Asked, Known
from inventory_service.lookup.choosing import Choice
from inventory_service.lookup.service import Service
from inventory_service.storage.cache.block import encode
from inventory_service.storage.cache.product import Told
from inventory_service.storage.cache.product import encode as encode_product
from inventory_service.storage.cache.replies import bulk
from inventory_service.storage.cache.resp import replies_end
from inventory_service.web.quick_query import read_quickly
from inventory_service.web.written import Writer

ASKED: Asked = (0, 0.5, 0.5, 50_000.0, 1, 1, 0)
PLACE = b"{}"


def warm(service: Service, writer: Writer) -> None:
    """Puts a question about nothing through all that is compiled."""
    product = Product(0, None, None, None, None, offers={0: RetailPrice()})
    read_quickly("?gtin=96385074&lat=0.5&lon=0.5", 1)
    service.shortcut.unheard(0)
    cached = service.shortcut.rehearse(ASKED, Known("", encode_product(product), Told(0, None, {"0": None}, None)))
    cached.data = cached.known.told + b"*1\r\n" + bulk(encode(()))
    replies_end(cached.data, 0, 2)
    writer.quick_reply(cached, PLACE)
    question = Question(product, Point(0.5, 0.5))
    service.chooser.rehearse(question, cached.ground, cached.now, bulk(encode(())))
    service.surveyor.rehearse(cached.ground, cached.now, bulk(encode(())))
    nothing = Choice(question, cached.ground, {}, b"", writer.found, 0, 0, cached.now, from_cache=True)
    writer.reply(nothing, PLACE)
