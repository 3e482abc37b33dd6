-- Chinese names; owners stand in a table between, payments name the bill alone, late fees are bills among bills.
CREATE TABLE 房屋信息表 (ID INTEGER PRIMARY KEY, 小区名称 VARCHAR(40), 房号 VARCHAR(20), 建筑面积 DECIMAL(10,2),
    用途 VARCHAR(10), 交付日期 DATE, 备注 TEXT);
CREATE TABLE 业主资料 (业主ID INTEGER PRIMARY KEY, 姓名 VARCHAR(20), 手机号码 VARCHAR(20), 身份证号 VARCHAR(20));
CREATE TABLE 房屋业主关系 (ID INTEGER PRIMARY KEY, 房屋ID INTEGER REFERENCES 房屋信息表 (ID),
    业主ID INTEGER REFERENCES 业主资料 (业主ID), 是否现业主 CHAR(2));
CREATE TABLE 应收账单 (账单编号 VARCHAR(20) PRIMARY KEY, 房屋ID INTEGER, 收费项目 VARCHAR(20), 账期 VARCHAR(7),
    应收金额 DECIMAL(12,2), 应收日期 DATE, 缴费截止日 DATE, 状态 VARCHAR(10), 录入人 VARCHAR(20), 更新时间 DATETIME);
CREATE TABLE 收款记录 (流水号 VARCHAR(20) PRIMARY KEY, 账单编号 VARCHAR(20), 实收金额 DECIMAL(12,2), 收款时间 DATETIME,
    支付方式 VARCHAR(10));
CREATE TABLE 减免记录 (减免单号 VARCHAR(20) PRIMARY KEY, 账单编号 VARCHAR(20), 减免金额 DECIMAL(12,2), 减免日期 DATE,
    减免类型 VARCHAR(10), 审批人 VARCHAR(10));
CREATE TABLE 催缴记录 (编号 INTEGER PRIMARY KEY, 房屋ID INTEGER, 催缴时间 DATETIME, 催缴方式 VARCHAR(10),
    催缴结果 VARCHAR(20), 承诺缴费日期 DATE, 催缴人 VARCHAR(20));
INSERT INTO 房屋信息表 VALUES (1, '星河湾', '1-101', 96.5, '住宅', '2021-06-30', NULL),
    (2, '星河湾', '1-102', 88, '别墅', '2021-06-30', '临街'), (3, '星河湾', 'S-01', 50, '商铺', '2021-06-30', NULL);
INSERT INTO 业主资料 VALUES (11, '张三', '13800000001', 'x'), (12, '李四', '13800000002', 'x'),
    (13, '王五', '13800000003', 'x');
INSERT INTO 房屋业主关系 VALUES (1, 1, 13, '否'), (2, 1, 11, '是'), (3, 2, 12, '是'), (4, 3, 12, '是');
INSERT INTO 应收账单 VALUES
    ('Z100', 1, '物业费', '2026-07', 1592.25, '2026-07-01', '2026-07-15', '未缴', 'wy', '2026-07-01 09:00:00'),
    ('Z101', 1, '滞纳金', '2026-07', 88.1, '2026-09-01', '2026-09-01', '未缴', 'wy', '2026-09-01 09:00:00'),
    ('Z102', 1, '物业费', '2026-07', 1592.25, '2026-07-01', '2026-07-15', '作废', 'wy', '2026-07-01 09:00:00'),
    ('Z103', 2, '物业费', '2026-10', 1452, '2026-10-01', '2026-10-15', '未缴', 'wy', '2026-10-01 09:00:00'),
    ('Z104', 2, '装修保证金', '2026-10', 2000, '2026-10-01', '2026-10-15', '未缴', 'wy', '2026-10-01 09:00:00'),
    ('Z105', 3, '物业管理费', '2026-10', 900, '2026-10-01', '2026-10-15', '已缴', 'wy', '2026-10-01 09:00:00');
INSERT INTO 收款记录 VALUES ('S1', 'Z100', 592.25, '2026-08-01 12:00:00', '微信'),
    ('S2', 'Z105', 900, '2026-10-10 12:00:00', '支付宝');
INSERT INTO 减免记录 VALUES ('J1', 'Z103', 52, '2026-10-20', '本金减免', 'cw');
INSERT INTO 催缴记录 VALUES (1, 1, '2026-11-20 10:00:00', '电话', '承诺缴纳', '2026-11-28', 'gj01');
