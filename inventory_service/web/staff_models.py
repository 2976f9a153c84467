"""What staff are answered."""

from pydantic import Field

from inventory_service.web.models import AvailabilityWord, Count, Document, Instant, Listing, Product, QuantityBand
from inventory_service.web.staff_bodies import SeenOnShelf


class StaffStore(Document):
    """A store, as staff know it."""

    id: int
    store_code: str = Field(description="The retailer's own code.")
    name: str


class OwnStore(StaffStore):
    """A store that is open to the key."""

    address: str = Field(description="One line for people.")


class NamedProduct(Document):
    """What is sold; `id` null: nobody has told of it yet."""

    id: int | None
    gtin: str | None = Field(description="14 digits, zero-padded.")
    name: str | None
    brand: str | None
    image_url: str | None


class Told(Document):
    """What an answer tells of one piece."""

    availability: AvailabilityWord
    probability: float | None = Field(
        ge=0, le=1, description="That the shelf has it; in steps of 0.05, exact with scope counts; null for unknown."
    )
    quantity_band: QuantityBand | None
    quantity: Count = None


class Confirmation(Document):
    """What somebody saw on a shelf, and what was answered just before and right after."""

    id: str
    store: StaffStore
    product: Product
    shelf: SeenOnShelf | None = Field(description="Null where pieces were counted.")
    quantity: int | None = Field(ge=0, description="Pieces counted; null where they were not.")
    observed_at: Instant
    received_at: Instant
    before: Told
    after: Told
    undone_at: Instant | None = Field(description="When it was taken back; null: it counts.")


class Witness(Document):
    """Whose key it was."""

    key: str = Field(description="The first characters of the key.")
    name: str


class TracedConfirmation(Confirmation):
    """A confirmation and who saw it."""

    by: Witness


class ConfirmationList(Listing[TracedConfirmation]):
    """Confirmations, newest first."""


class Me(Document):
    """Whose key it is, and which stores are open to it."""

    answered_at: Instant = Field(description="Our clock: what is observed is told by it.")
    retailer: str = Field(description="The retailer's slug.")
    name: str = Field(description="What the key is called.")
    stores: list[OwnStore]


class Check(Told):
    """Something to look at: what an answer tells of it now, and what a look is worth."""

    product: Product
    aisle: str | None
    as_of: Instant | None = Field(description="The newest evidence.")
    asked_per_day: float = Field(ge=0, description="Answers that told of the product, over the last seven days.")
    value: float = Field(ge=0, description="How unsure, times how often asked, times how soon it changes.")
    why: str = Field(description="In a sentence for people.")


class CheckList(Listing[Check]):
    """The most useful few, in the order of one walk along the aisles."""


class HeldPosition(Told):
    """A product and what an answer would tell of it at this store now; `unknown` where nothing is held."""

    store: StaffStore
    product: NamedProduct
    as_of: Instant | None = Field(description="The newest evidence.")
    covered_at: Instant | None = Field(description="When the source last stood by what it holds.")
