-- A journal as version 1 of the tables has kept it. It is never changed: a version of later has a file of its own.
CREATE TABLE entity (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, last INTEGER NOT NULL
) STRICT;
CREATE TABLE kind (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, UNIQUE (name, version)
) STRICT;
CREATE TABLE event (
    entity INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL, offset INTEGER,
    checksum INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (entity, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (
    entity INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
    checksum INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (entity, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE mention (
    tag INTEGER NOT NULL, offset INTEGER NOT NULL, entity INTEGER NOT NULL, sequence INTEGER NOT NULL,
    PRIMARY KEY (tag, offset)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_offset ON mention (offset);
CREATE TABLE counter (offset INTEGER NOT NULL) STRICT;
INSERT INTO counter (offset) VALUES (0);
INSERT INTO entity VALUES (1, 'cart-1', 4, 0), (2, 'cart-2', 1, 9);
INSERT INTO kind VALUES (1, 'shop.Added', 1), (2, 'shop.Added', 2), (3, 'shop.Cart', 1);
INSERT INTO event VALUES (1, 2, 1, NULL, 2391201714, CAST('tea' AS BLOB));
INSERT INTO event VALUES (1, 3, 2, 5, 4195549533, CAST('cake' AS BLOB));
INSERT INTO snapshot VALUES (1, 2, 3, 2744374011, CAST('state' AS BLOB));
INSERT INTO tag VALUES (1, 'red');
INSERT INTO mention VALUES (1, 5, 1, 3);
UPDATE counter SET offset = 5;
PRAGMA application_id = 1668510841;
PRAGMA user_version = 1;
