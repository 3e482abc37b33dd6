-- English and pinyin mixed, amounts in fen, times in seconds; the bill itself tells what was paid, an owner has a room.
CREATE TABLE wy_room (id INTEGER PRIMARY KEY, roomCode VARCHAR(20), buildArea DECIMAL(10,2), roomType INTEGER,
    company_id VARCHAR(10), isDel INTEGER);
CREATE TABLE wy_owner (owner_id VARCHAR(20) PRIMARY KEY, owner_name VARCHAR(20), mobile VARCHAR(20), room_id INTEGER,
    move_out DATE);
CREATE TABLE wy_bill (bill_no VARCHAR(20) PRIMARY KEY, room_id INTEGER, fee_type VARCHAR(10), ysje_fen BIGINT,
    ssje_fen BIGINT, sksj BIGINT, deadline BIGINT, deleted_at DATETIME, update_time DATETIME);
CREATE TABLE room_type (id INTEGER PRIMARY KEY, name VARCHAR(20));
CREATE TABLE wy_pause (pause_id INTEGER PRIMARY KEY, room_id INTEGER, start_date DATE, end_date DATE, reason VARCHAR(40));
INSERT INTO room_type VALUES (1, '住宅'), (2, '商铺');
INSERT INTO wy_room VALUES (1, 'A-101', 96.5, 1, 'wy-01', 0), (2, 'A-102', 88, 1, 'wy-01', 0), (3, 'A-103', 88, 2, 'wy-01', 1);
INSERT INTO wy_owner VALUES ('O1', '张三', '13800000001', 1, NULL), ('O9', '老张', '13800000009', 1, '2020-01-01'),
    ('O2', '李四', '13800000002', 2, NULL);
INSERT INTO wy_bill VALUES ('B100', 1, 'WYF', 159225, 59225, 1785542400, 1784044800, NULL, '2026-08-01 08:00:00'),
    ('B101', 1, 'TCF', 30000, 0, NULL, 1784044800, NULL, '2026-07-01 08:00:00'),
    ('B102', 1, 'WYF', 999900, 0, NULL, 1784044800, '2026-07-02 08:00:00', '2026-07-02 08:00:00'),
    ('B103', 2, 'WYF', 145200, 145200, 1792425600, 1791993600, NULL, '2026-10-20 08:00:00');
INSERT INTO wy_pause VALUES (1, 2, '2026-02-01', '2026-04-30', '疫情');
