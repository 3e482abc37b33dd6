-- The database that the mappings beside this file are for.
CREATE TABLE room (
    room_id INTEGER PRIMARY KEY, room_no VARCHAR(20) NOT NULL, owner_id VARCHAR(20), owner_type INTEGER,
    company VARCHAR(10), area DECIMAL(10, 2), rented VARCHAR(5), del_flag INTEGER, updated_at DATETIME
);
CREATE TABLE fee (
    fee_id INTEGER PRIMARY KEY, room_id INTEGER, kind VARCHAR(10), amount DECIMAL(10, 2), amount_fen INTEGER,
    amount_real DOUBLE, amount_text VARCHAR(20), due_date DATE, due_text VARCHAR(20), del_flag INTEGER, updated_at DATETIME
);
CREATE INDEX fee_room ON fee (room_id);
CREATE TABLE payment (pay_id INTEGER PRIMARY KEY, room_id INTEGER, amount DECIMAL(10, 2), paid_at DATETIME);
CREATE INDEX payment_room ON payment (room_id);
CREATE TABLE payment_line (pay_id INTEGER, fee_id INTEGER, amount DECIMAL(10, 2));
CREATE INDEX payment_line_pay ON payment_line (pay_id);
CREATE TABLE note (note_id INTEGER PRIMARY KEY, room_id INTEGER, source_key VARCHAR(64));
INSERT INTO room VALUES
    (1, '1-101', 'O-7', 1, 'A', 96.5, 'Y', 0, '2026-11-01 10:00:00'),
    (2, '1-102', 'O-8', 2, 'B', 88, 'N', 0, '2026-11-01 10:00:00'),
    (3, '1-103', NULL, 9, 'A', 70, '?', 0, '2026-11-01 10:00:00'),
    (4, '1-102', 'O-9', 1, 'B', 88, 'N', 1, '2026-11-01 10:00:00');
INSERT INTO fee VALUES
    (11, 1, 'WY', 1592.25, 159225, 1592.25, '1592.25', '2026-01-15', '20260115', 0, '2026-11-01 10:00:00'),
    (12, 2, 'TC', 300, 30000, 300, 'see note', '2026-01-15', '20260115', 0, '2026-11-01 10:00:00'),
    (13, 1, 'WY', 100, 10000, 100, '100', NULL, NULL, 1, '2026-11-01 10:00:00');
INSERT INTO payment VALUES (21, 1, 800, '2026-03-01 09:30:00');
INSERT INTO payment_line VALUES (21, 11, 800);
