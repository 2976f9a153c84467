"""The default without set-up: a private Postgres and Valkey, owned by one small supervisor and stopped with its last
client. Nothing here imports a database client."""

from inventory_service.embedded.binaries import find_postgres_bin, find_redis_server
from inventory_service.embedded.client import Servers, servers
from inventory_service.embedded.protocol import Durability

__all__ = ["Durability", "Servers", "find_postgres_bin", "find_redis_server", "servers"]
