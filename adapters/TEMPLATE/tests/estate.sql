-- The imaginary ERP that the template is written for. Everything here is taken from real ones: amounts as text, kinds as
-- two letters, UTC times, rows "deleted" by a date, the late fee as one more bill, and a version number for each row.

CREATE TABLE clock (version INTEGER NOT NULL);
INSERT INTO clock VALUES (0);

CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT, phone TEXT);

-- A person in a room of a company: when the room is sold there is a new row.
CREATE TABLE resident (
    id INTEGER PRIMARY KEY,
    company TEXT NOT NULL,
    room TEXT NOT NULL,
    person TEXT NOT NULL,
    moved_in TEXT,
    moved_out TEXT,
    state TEXT NOT NULL DEFAULT 'open',  -- open | closed | merged | erased
    merged_into INTEGER,
    version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX resident_person ON resident (company, person);

CREATE TABLE contract (
    id INTEGER PRIMARY KEY,
    resident INTEGER NOT NULL,
    signed TEXT,
    kind TEXT,
    late_fee INTEGER NOT NULL,  -- whether it has a clause on late fees
    version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX contract_resident ON contract (resident);

CREATE TABLE bill (
    id INTEGER PRIMARY KEY,
    resident INTEGER NOT NULL,
    invoice TEXT,
    kind TEXT NOT NULL,  -- PM property management, PK parking, WT water, LF late fee
    amount TEXT,         -- yuan
    due_date TEXT,
    booked_on TEXT,
    about INTEGER,       -- of a late fee: the bill it is for
    source_ref TEXT UNIQUE,
    deleted_at TEXT,
    version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX bill_resident ON bill (resident);

CREATE TABLE receipt (
    id INTEGER PRIMARY KEY,
    resident INTEGER NOT NULL,
    bill INTEGER,
    amount TEXT NOT NULL,
    received_at TEXT NOT NULL,  -- UTC
    returned_at TEXT,           -- UTC; the payment bounced
    deleted_at TEXT,
    version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX receipt_resident ON receipt (resident);

CREATE TABLE refund (
    id INTEGER PRIMARY KEY,
    resident INTEGER NOT NULL,
    receipt INTEGER NOT NULL,
    amount TEXT NOT NULL,
    given_at TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX refund_resident ON refund (resident);

CREATE TABLE complaint (
    id INTEGER PRIMARY KEY,
    resident INTEGER NOT NULL,
    kind TEXT NOT NULL,
    opened TEXT NOT NULL,
    closed TEXT,
    version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX complaint_resident ON complaint (resident);

CREATE TABLE pause (
    id INTEGER PRIMARY KEY,
    resident INTEGER NOT NULL,
    since TEXT NOT NULL,
    until TEXT,
    version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX pause_resident ON pause (resident);

-- What the ERP's gateway sends, and what became of it.
CREATE TABLE message (
    ref TEXT PRIMARY KEY,
    resident INTEGER NOT NULL,
    step TEXT NOT NULL,
    day TEXT NOT NULL,
    quiet_until TEXT,
    body TEXT NOT NULL,
    state TEXT NOT NULL,      -- accepted | sent | delivered | undeliverable | failed | cancelled
    state_at TEXT NOT NULL,   -- UTC
    channel TEXT,
    version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX message_resident ON message (resident);

-- When it may be sent: often in several stretches of a day.
CREATE TABLE sending_hours (
    ref TEXT NOT NULL,
    send_from TEXT NOT NULL,   -- UTC
    send_until TEXT NOT NULL,  -- UTC
    PRIMARY KEY (ref, send_from)
);

CREATE TRIGGER resident_new AFTER INSERT ON resident BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE resident SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER resident_changed AFTER UPDATE OF person, moved_out, state, merged_into ON resident BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE resident SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER contract_new AFTER INSERT ON contract BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE contract SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER bill_new AFTER INSERT ON bill BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE bill SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER bill_changed AFTER UPDATE OF kind, amount, due_date, about, deleted_at ON bill BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE bill SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER receipt_new AFTER INSERT ON receipt BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE receipt SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER receipt_changed AFTER UPDATE OF bill, amount, returned_at, deleted_at ON receipt BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE receipt SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER refund_new AFTER INSERT ON refund BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE refund SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER complaint_new AFTER INSERT ON complaint BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE complaint SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER complaint_changed AFTER UPDATE OF closed ON complaint BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE complaint SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER pause_new AFTER INSERT ON pause BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE pause SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER pause_changed AFTER UPDATE OF until ON pause BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE pause SET version = (SELECT version FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER message_new AFTER INSERT ON message BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE message SET version = (SELECT version FROM clock) WHERE ref = NEW.ref;
END;
CREATE TRIGGER message_changed AFTER UPDATE OF day, state ON message BEGIN
    UPDATE clock SET version = version + 1;
    UPDATE message SET version = (SELECT version FROM clock) WHERE ref = NEW.ref;
END;
