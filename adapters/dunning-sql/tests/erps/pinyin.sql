-- Names are initials of pinyin, amounts yuan, days numbers; what a code means stands in tables of codes.
CREATE TABLE t_yzxx (yzbh INTEGER PRIMARY KEY, yzxm VARCHAR(20), sjh VARCHAR(20), yzlx CHAR(2));
CREATE TABLE t_fwxx (fwbh INTEGER PRIMARY KEY, xqmc VARCHAR(40), fh VARCHAR(20), jzmj DECIMAL(10,2), fwyt VARCHAR(10),
    yzbh INTEGER, scbz TINYINT DEFAULT 0);
CREATE TABLE t_sfxm (xmbh CHAR(2) PRIMARY KEY, xmmc VARCHAR(20), dj DECIMAL(8,2));
CREATE TABLE t_ysk (yskid INTEGER PRIMARY KEY, fwbh INTEGER, xmbh CHAR(2), zq CHAR(6), ys_je DECIMAL(12,2), yjrq INTEGER,
    lrr VARCHAR(20), zfbz CHAR(1) DEFAULT '0', xgsj DATETIME);
CREATE TABLE t_skd (skdid INTEGER PRIMARY KEY, fwbh INTEGER, yskid INTEGER, ss_je DECIMAL(12,2), skrq VARCHAR(8),
    skfs VARCHAR(10), sjh VARCHAR(20), zfbz CHAR(1) DEFAULT '0', xgsj DATETIME);
CREATE TABLE t_cjjl (cjid INTEGER PRIMARY KEY, fwbh INTEGER, cjsj DATETIME, cjfs VARCHAR(10), cjjg VARCHAR(20),
    cjr VARCHAR(20));
CREATE TABLE sys_log (id INTEGER PRIMARY KEY, msg TEXT);
INSERT INTO t_yzxx VALUES (11, '张三', '13800000001', '01'), (12, '李四', '13800000002', '01');
INSERT INTO t_fwxx VALUES (1, '星河湾', '1-101', 96.5, '住宅', 11, 0), (2, '星河湾', '1-102', 88, '高层住宅', 12, 0),
    (3, '星河湾', '1-103', 88, '住宅', 12, 1);
INSERT INTO t_sfxm VALUES ('01', '物业管理费', 5.5), ('02', '地下停车费', 300), ('03', '电费', 0.6);
INSERT INTO t_ysk VALUES (100, 1, '01', '202607', 1592.25, 20260715, 'wy', '0', '2026-07-01 09:00:00'),
    (101, 1, '02', '202607', 300, 20260715, 'wy', '0', '2026-07-01 09:00:00'),
    (102, 1, '01', '202607', 9999, 20260715, 'wy', '1', '2026-07-01 09:00:00'),
    (103, 2, '01', '202610', 1452, 20261015, 'wy', '0', '2026-10-01 09:00:00'),
    (104, 2, '03', '202610', 61.2, 20261015, 'wy', '0', '2026-10-01 09:00:00');
INSERT INTO t_skd VALUES (1, 1, 100, 592.25, '20260801', '微信', '88001', '0', '2026-08-01 12:00:00'),
    (2, 2, 103, 1452, '20261020', '现金', '88002', '0', '2026-10-20 12:00:00'),
    (3, 1, 100, 1000, '20260802', '微信', '88003', '1', '2026-08-03 12:00:00');
INSERT INTO t_cjjl VALUES (1, 1, '2026-11-20 10:00:00', '电话', '承诺缴费', 'gj01');
