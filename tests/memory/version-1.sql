-- Made by mailseal before version 2 of the tables: `sqlite3 FILE .dump`, with the two numbers of the file's header.
BEGIN TRANSACTION;
CREATE TABLE correspondents (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        rank INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        correspondent TEXT NOT NULL
    ) STRICT;
INSERT INTO correspondents VALUES(1,'alice@example.com',2,1800000000,'{"address":"alice@example.com","first_seen":"2027-01-15T08:00:00Z","last_seen":"2027-01-15T08:00:00Z","letters":2,"certain":2,"signed_in_row":2,"known_since":"2027-01-15T08:00:00Z","confirmed":false,"names":["Alice Liddell"],"signers":[{"protocol":"smime","fingerprint":"DACA3BEBBA0BDE34B26C735617BAA7E1904664ECEA13341B34211627A7923A78","issuer":"CN=Example Root CA, O=Example Trust","anchors":["BC9D2912CEE958F7FDC5BB9B4F73F57F2A6A74470EA640D51C5D3DB37854572D"],"first_seen":"2027-01-15T08:00:00Z","last_seen":"2027-01-15T08:00:00Z","letters":2,"certain":true}],"pins":[]}');
CREATE TABLE marks (
        mark TEXT NOT NULL,
        id INTEGER NOT NULL REFERENCES correspondents ON DELETE CASCADE,
        PRIMARY KEY (mark, id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES('domain alice@*e.com',1);
INSERT INTO marks VALUES('domain alice@examp*',1);
INSERT INTO marks VALUES('eye alice@exarnple.corn',1);
INSERT INTO marks VALUES('name alice liddell',1);
CREATE INDEX who_goes_first ON correspondents (rank, last_seen);
CREATE INDEX marks_of ON marks (id);
COMMIT;
PRAGMA application_id = 1835823980;
PRAGMA user_version = 1;
