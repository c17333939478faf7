"""Fills OpenTAXII's database from a file of STIX objects, in its own environment; prints the path of the objects."""

import datetime
import json
import sys
from pathlib import Path

from opentaxii.config import ServerConfig
from opentaxii.middleware import create_app
from opentaxii.persistence.sqldb import taxii2models
from opentaxii.server import TAXIIServer

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
server = TAXIIServer(ServerConfig())
app = create_app(server)
with app.app_context():
    api = server.servers.taxii2.persistence.api
    root = api.add_api_root("bench", default=True, is_public=True)
    collection = api.add_collection(root.id, "bench", is_public=True)
    added = datetime.datetime(2026, 7, 1, tzinfo=datetime.UTC)
    for place, one in enumerate(json.loads(Path(sys.argv[1]).read_text())):
        moment = added + datetime.timedelta(microseconds=place)
        said = one.get("modified")
        version = datetime.datetime.strptime(said, _FORMAT).replace(tzinfo=datetime.UTC) if said else moment
        api.db.session.add(
            taxii2models.STIXObject(
                id=one["id"],
                collection_id=collection.id,
                type=one["type"],
                spec_version="2.1",
                date_added=moment,
                version=version,
                serialized_data={key: value for key, value in one.items() if key not in ("id", "type", "spec_version")},
            )
        )
    api.db.session.commit()
    print(f"/taxii2/{root.id}/collections/{collection.id}/objects/")
