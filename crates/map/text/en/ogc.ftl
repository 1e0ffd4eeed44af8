ogc-landing-title = Spatial data (OGC API)
ogc-landing-lead = Features and tiles of the registers by the standards of OGC API, for QGIS, GDAL and every other map program.
ogc-documentation = Documentation of the interface
ogc-conformance-title = Parts of the standard that are spoken
ogc-collections-title = Collections
ogc-no-collections = No collection is published yet.
ogc-as-json = As JSON
ogc-id = Collection
ogc-rows = What it holds
ogc-view-own = The records of your units, without personal data.
ogc-view-public = Open data under { $licence }.
ogc-extent = Bounds (west, south, east, north)
ogc-items-title = Features
ogc-items-of = Features: { $title }
ogc-queryables-title = Fields to filter by
ogc-use-title = Use in other programs
ogc-use-lead = Enter this address in a map program; nothing else is needed.
ogc-type-bool = yes or no
ogc-type-number = number
ogc-type-text = text
ogc-type-date = date
ogc-type-instant = time
ogc-type-place = Place
ogc-own-geometry = Place
ogc-own-valid-from = Holds since
ogc-own-known-at = Recorded at
ogc-no-place = No place
ogc-matched = { $n ->
    [one] { $n } feature
   *[other] { $n } features
 }
ogc-returned = { $n ->
    [one] { $n } feature on this page
   *[other] { $n } features on this page
 }
ogc-search = Search
ogc-clear = Clear
ogc-bbox = Box (longitude, latitude)
ogc-filter = CQL2 filter
ogc-no-items = No feature matches.
ogc-next = Next page
ogc-feature = Feature
ogc-refused = The request cannot be read

error-ogc-not-found = There is no such collection or feature, or it is not published.
error-ogc-unknown = There is no parameter { $name }.
error-ogc-limit = { $name }: a whole number from 1 is needed.
error-ogc-cursor = { $name }: not a place in these pages.
error-ogc-system = { $name }: this coordinate system is not offered.
error-ogc-numbers = { $name }: four or six numbers are needed, parted by commas.
error-ogc-order = { $name }: the lower corner comes before the upper one.
error-ogc-range = { $name }: the coordinates are not on the earth, or not in their system.
error-ogc-time = { $name }: a time is needed, or two with a slash between them.
error-ogc-language = { $name }: cql2-text or cql2-json.
error-ogc-format = { $name }: json or html.
error-ogc-many = { $name }: too many parameters.

error-cql-too-long = The filter is too long (at most { $most } bytes).
error-cql-too-deep = The filter is nested deeper than { $most } levels.
error-cql-too-many-positions = The shapes of the filter have more than { $most } positions.
error-cql-syntax = The filter is wrong at character { $at }: expected { $expected }, found { $found }.
error-cql-json = The filter is no CQL2 JSON: { $words }.
error-cql-unsupported = The filter uses what is not supported: { $words }.
error-cql-number = No such number: { $words }.
error-cql-time = No such day or time: { $words }.
error-cql-shape = A shape of the filter is none: { $words }.
error-cql-property = The collection has no field { $words }.
error-cql-types = { $left } and { $right } cannot be compared.
