-- The tables of MicroCommunity that the adapter reads, written for these tests from what is known of their columns.
-- Ids are varchar(30), rows are deleted by status_cd ('0' in use, '1' void), and there are hardly any foreign keys.

CREATE TABLE s_community (
  community_id VARCHAR(30) NOT NULL UNIQUE, name VARCHAR(100), state VARCHAR(4),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');

CREATE TABLE f_floor (
  floor_id VARCHAR(30) NOT NULL UNIQUE, floor_num VARCHAR(64), community_id VARCHAR(30),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');

CREATE TABLE building_unit (
  unit_id VARCHAR(30) NOT NULL UNIQUE, unit_num VARCHAR(12), floor_id VARCHAR(30),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');

CREATE TABLE building_room (
  room_id VARCHAR(30) NOT NULL UNIQUE, room_num VARCHAR(64), unit_id VARCHAR(30), community_id VARCHAR(30),
  built_up_area DECIMAL(12,2), room_area DECIMAL(12,2), room_rent DECIMAL(10,2), fee_coefficient DECIMAL(12,2),
  room_type VARCHAR(12), room_sub_type VARCHAR(12), state VARCHAR(12),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (community_id));

CREATE TABLE building_owner (
  member_id VARCHAR(30) NOT NULL UNIQUE, owner_id VARCHAR(30), name VARCHAR(64), link VARCHAR(11),
  owner_type_cd VARCHAR(4), person_type VARCHAR(4), person_role VARCHAR(4), owner_flag VARCHAR(2), id_card VARCHAR(20),
  state VARCHAR(4), community_id VARCHAR(30),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');

CREATE TABLE building_owner_room_rel (
  rel_id VARCHAR(30) NOT NULL UNIQUE, owner_id VARCHAR(30), room_id VARCHAR(30), state VARCHAR(4),
  start_time DATETIME, end_time DATETIME,
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (room_id), KEY (owner_id));

CREATE TABLE pay_fee_config (
  config_id VARCHAR(30) NOT NULL UNIQUE, community_id VARCHAR(30), fee_type_cd VARCHAR(12), fee_name VARCHAR(100),
  fee_flag VARCHAR(12), square_price DECIMAL(12,4), additional_amount DECIMAL(12,4), computing_formula VARCHAR(12),
  payment_cycle VARCHAR(12), payment_cd VARCHAR(12), prepayment_period VARCHAR(40), bill_type VARCHAR(12),
  decimal_place INT, scale VARCHAR(12), start_time DATETIME, end_time DATETIME, state VARCHAR(2),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');

CREATE TABLE pay_fee (
  fee_id VARCHAR(30) NOT NULL UNIQUE, community_id VARCHAR(30), payer_obj_id VARCHAR(30), payer_obj_type VARCHAR(12),
  config_id VARCHAR(30), start_time DATETIME, end_time DATETIME, amount DECIMAL(10,2) DEFAULT -1.00,
  fee_flag VARCHAR(12), state VARCHAR(12), income_obj_id VARCHAR(30), batch_id VARCHAR(30),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (payer_obj_id));

CREATE TABLE pay_fee_attrs (
  attr_id VARCHAR(30) NOT NULL UNIQUE, fee_id VARCHAR(30), spec_cd VARCHAR(30), value VARCHAR(100),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (fee_id));

CREATE TABLE pay_fee_detail_month (
  month_id VARCHAR(30) NOT NULL PRIMARY KEY, community_id VARCHAR(30), fee_id VARCHAR(30), detail_id VARCHAR(30),
  detail_year INT, detail_month INT, receivable_amount DECIMAL(10,4), received_amount DECIMAL(10,4),
  discount_amount DECIMAL(10,4), state VARCHAR(2), cur_month_time DATETIME, pay_fee_time DATETIME,
  deadline_time DATE DEFAULT '1000-01-01', obj_id VARCHAR(30), owner_id VARCHAR(30), config_id VARCHAR(30),
  fee_type_cd VARCHAR(12),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (fee_id), KEY (obj_id), KEY (owner_id));

CREATE TABLE pay_fee_detail (
  detail_id VARCHAR(30) NOT NULL UNIQUE, community_id VARCHAR(30), fee_id VARCHAR(30), cycles DECIMAL(9,2),
  payable_amount DECIMAL(10,2), receivable_amount DECIMAL(10,2), received_amount DECIMAL(10,2),
  discount_amount DECIMAL(10,2), deduction_amount DECIMAL(10,2), late_amount DECIMAL(10,2), gift_amount DECIMAL(10,2),
  acct_amount DECIMAL(10,2), prime_rate DECIMAL(12,2), start_time DATETIME, end_time DATETIME, state VARCHAR(4),
  create_time DATETIME DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (fee_id));

CREATE TABLE pay_fee_detail_discount (
  detail_discount_id VARCHAR(30) NOT NULL UNIQUE, community_id VARCHAR(30), fee_id VARCHAR(30), detail_id VARCHAR(30),
  discount_id VARCHAR(30), discount_price DECIMAL(10,2), remark VARCHAR(200),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (detail_id));

CREATE TABLE report_owe_fee (
  owe_id VARCHAR(30) NOT NULL PRIMARY KEY, community_id VARCHAR(30), fee_id VARCHAR(30), config_id VARCHAR(30),
  amount_owed DECIMAL(10,2), owner_id VARCHAR(30), owner_name VARCHAR(64), owner_tel VARCHAR(11),
  payer_obj_id VARCHAR(30), payer_obj_name VARCHAR(100), payer_obj_type VARCHAR(12), end_time DATETIME,
  deadline_time DATETIME, update_time DATETIME, KEY (fee_id), KEY (payer_obj_id));

CREATE TABLE owe_fee_callable (
  ofc_id VARCHAR(30) NOT NULL UNIQUE, community_id VARCHAR(30) NOT NULL, payer_obj_id VARCHAR(30) NOT NULL,
  payer_obj_type VARCHAR(12), payer_obj_name VARCHAR(100), owner_id VARCHAR(30), owner_name VARCHAR(64),
  fee_id VARCHAR(30) NOT NULL, fee_name VARCHAR(100), config_id VARCHAR(30), amountd_owed DECIMAL(12,2) NOT NULL,
  callable_way VARCHAR(12) NOT NULL, state VARCHAR(2) NOT NULL, staff_id VARCHAR(30) NOT NULL, staff_name VARCHAR(64),
  start_time DATETIME, end_time DATETIME, remark VARCHAR(200),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (payer_obj_id));

CREATE TABLE fee_collection_detail (
  detail_id VARCHAR(30) NOT NULL UNIQUE, order_id VARCHAR(30), community_id VARCHAR(30), payer_obj_id VARCHAR(30),
  payer_obj_type VARCHAR(12), payer_obj_name VARCHAR(100), owner_id VARCHAR(30), owner_name VARCHAR(64),
  fee_name VARCHAR(100), owe_amount DECIMAL(10,2), collection_way VARCHAR(4), state VARCHAR(4), remarks VARCHAR(200),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0',
  KEY (payer_obj_id));

CREATE TABLE fee_discount_rule (
  rule_id VARCHAR(30) NOT NULL UNIQUE, rule_name VARCHAR(64), bean_impl VARCHAR(64), discount_type VARCHAR(12),
  discount_small_type VARCHAR(12),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');

CREATE TABLE fee_discount (
  discount_id VARCHAR(30) NOT NULL UNIQUE, discount_name VARCHAR(64), discount_type VARCHAR(12), rule_id VARCHAR(30),
  community_id VARCHAR(30),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');

CREATE TABLE fee_discount_spec (
  discount_spec_id VARCHAR(30) NOT NULL UNIQUE, discount_id VARCHAR(30), spec_id VARCHAR(30), spec_name VARCHAR(64),
  spec_value VARCHAR(30), community_id VARCHAR(30),
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');

CREATE TABLE pay_fee_config_discount (
  config_discount_id VARCHAR(30) NOT NULL UNIQUE, config_id VARCHAR(30), discount_id VARCHAR(30),
  community_id VARCHAR(30), start_time DATETIME, end_time DATETIME, paymax_end_time DATETIME,
  create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, status_cd VARCHAR(2) NOT NULL DEFAULT '0');
