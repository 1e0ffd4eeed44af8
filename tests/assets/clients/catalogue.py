"""Reads and changes the catalogue as programs of others do: ckanapi for the Action API, rdflib and pyshacl for DCAT-AP.

usage: catalogue.py ORIGIN TOKEN SHAPES
"""

import json
import sys
import urllib.request

from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError
from pyshacl import validate
from rdflib import DCAT, RDF, Graph

origin, token, shapes = sys.argv[1:4]
anybody = RemoteCKAN(origin)
keeper = RemoteCKAN(origin, apikey=token)


def refused(kind, act, **more):
    try:
        act(**more)
    except kind:
        return
    raise AssertionError(f"{act} was not refused")


# Reading.
assert anybody.action.status_show()["ckan_version"]
names = anybody.action.package_list()
assert "trees-tree" in names, names
trees = anybody.action.package_show(id="trees-tree")
assert trees["license_id"] == "CC-BY-4.0" and trees["organization"]["title"], trees
found = anybody.action.package_search(**{"q": "cay xanh", "fq": "res_format:CSV", "facet.field": ["organization", "tags"], "rows": 5})
assert found["count"] == 1 and found["search_facets"]["organization"]["items"], found
refused(ValidationError, anybody.action.package_search, q="a OR b")
refused(NotFound, anybody.action.package_show, id="nothing")
organisation = trees["organization"]["name"]
assert organisation in anybody.action.organization_list()
shown = anybody.action.organization_show(id=organisation, include_datasets=True)
assert [one["name"] for one in shown["packages"]].count("trees-tree") == 1
assert "environment" in anybody.action.group_list()
assert anybody.action.tag_list() and anybody.action.tag_show(id=trees["tags"][0]["name"])["name"]
resource = next(one for one in trees["resources"] if one["format"] == "CSV")
assert anybody.action.resource_show(id=resource["id"])["package_id"] == trees["id"]

# Rows.
info = anybody.action.datastore_info(id=resource["id"])
fields = {one["id"]: one["type"] for one in info["fields"]}
assert fields["height_m"] == "numeric" and "keeper" not in fields, fields
page = anybody.action.datastore_search(resource_id=resource["id"], filters={"health": "good"}, limit=2, sort="height_m desc")
assert page["total"] == 3 and len(page["records"]) == 2, page
assert page["records"][0]["height_m"] >= page["records"][1]["height_m"]
assert anybody.action.datastore_search(resource_id=resource["id"], q="TS-000002")["total"] == 0, "the tag is not published"
sql = f'SELECT health, count(*) AS n, avg(height_m) FROM "{resource["id"]}" GROUP BY health ORDER BY n DESC'
rows = anybody.action.datastore_search_sql(sql=sql)["records"]
assert rows[0] == {"health": "good", "n": 3, "avg": 15.5}, rows
for evil in ("SELECT * FROM account", f'SELECT keeper FROM "{resource["id"]}"', "DROP TABLE x", "SELECT 1; SELECT 2"):
    refused((ValidationError, NotFound), anybody.action.datastore_search_sql, sql=evil)

# Writing.
refused(NotAuthorized, anybody.action.package_create, name="x-y", owner_org=organisation)
refused(ValidationError, keeper.action.package_create, name="Not A Name", owner_org=organisation, license_id="CC0-1.0")
keeper.action.organization_create(name="tram-quan-trac", title="Trạm quan trắc")
link = keeper.action.package_create(
    name="chat-luong-khong-khi", title="Chất lượng không khí", notes="Trạm đo", owner_org="tram-quan-trac", license_id="CC-BY-4.0",
    tags=[{"name": "không khí"}], groups=[{"name": "environment"}],
    resources=[{"url": "https://example.vn/air.csv", "format": "CSV", "name": "air.csv"}],
)
refused(ValidationError, keeper.action.package_create, name="chat-luong-khong-khi", owner_org="tram-quan-trac", license_id="CC0-1.0")
refused(ValidationError, keeper.action.resource_create, package_id=link["id"], url="javascript:alert(1)")
more = keeper.action.resource_create(package_id=link["id"], url="https://example.vn/air.json", format="JSON")
keeper.action.resource_patch(id=more["id"], name="Theo giờ")
patched = keeper.action.package_patch(id=link["id"], notes="Ba trạm đo")
assert patched["title"] == "Chất lượng không khí" and len(patched["resources"]) == 2, patched
assert anybody.action.resource_show(id=more["id"])["name"] == "Theo giờ"
assert anybody.action.package_search(q="khong khi")["results"][0]["notes"] == "Ba trạm đo"
refused(ValidationError, keeper.action.package_patch, id="trees-tree", notes="not by hand")
refused(ValidationError, keeper.action.organization_delete, id="tram-quan-trac")
row = {"tag": "TS-000009", "species": "Sấu", "health": "good", "height_m": "7.5"}
refused(NotAuthorized, anybody.action.datastore_upsert, resource_id=resource["id"], records=[row])
refused(ValidationError, keeper.action.datastore_upsert, resource_id=resource["id"], records=[row, {"tag": "no tag"}])
assert anybody.action.datastore_search(resource_id=resource["id"])["total"] == 4, "all of them or none"
keeper.action.datastore_upsert(resource_id=resource["id"], records=[row])
keeper.action.datastore_upsert(resource_id=resource["id"], records=[row], method="upsert")
refused(ValidationError, keeper.action.datastore_upsert, resource_id=resource["id"], records=[row], method="insert")
keeper.action.datastore_upsert(resource_id=resource["id"], records=[{"tag": "TS-000009", "height_m": "8.0"}], method="update")
written = anybody.action.datastore_search(resource_id=resource["id"], filters={"species": "Sấu"})["records"]
assert [one["height_m"] for one in written] == [8], written


def graph(path, form):
    with urllib.request.urlopen(origin + path) as answer:
        return Graph().parse(data=answer.read().decode(), format=form)


# DCAT-AP: both forms say the same, and hold against the shapes.
turtle, linked = graph("/catalog.ttl", "turtle"), graph("/catalog.jsonld", "json-ld")
assert len(list(turtle.subjects(RDF.type, DCAT.Dataset))) == len(anybody.action.package_list())
assert set(turtle) == set(linked), sorted(set(turtle) ^ set(linked))[:4]
for data in (turtle, graph("/data/trees-tree/dcat.ttl", "turtle"), graph("/data/chat-luong-khong-khi/dcat.jsonld", "json-ld")):
    holds, _, words = validate(data, shacl_graph=shapes, inference="none", advanced=False)
    assert holds, words
broken = graph("/data/trees-tree/dcat.ttl", "turtle")
broken.remove((None, DCAT.accessURL, None))
assert not validate(broken, shacl_graph=shapes)[0], "the shapes can fail"

keeper.action.package_delete(id=link["id"])
refused(NotFound, anybody.action.package_show, id=link["id"])
keeper.action.organization_delete(id="tram-quan-trac")
print(json.dumps({"datasets": len(names), "triples": len(turtle)}))
