-- A database as schema version 1 of the salary survey left it, half-way through a run that was killed.
PRAGMA journal_mode=WAL;
BEGIN;
CREATE TABLE shoal_schemas (name VARCHAR(64) NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (name));
INSERT INTO shoal_schemas VALUES ('salaries', 1);
CREATE TABLE runs (
    id INTEGER NOT NULL, survey VARCHAR(64) NOT NULL, parameters JSON NOT NULL, started DATETIME NOT NULL,
    ended DATETIME, status VARCHAR(16) NOT NULL, reason VARCHAR(1000), counts JSON, shoal VARCHAR(32) NOT NULL,
    host VARCHAR(255) NOT NULL, pid INTEGER NOT NULL, PRIMARY KEY (id)
);
INSERT INTO runs VALUES
    (1, 'salaries', '{"cities": ["北京"]}', '2026-01-05 09:00:00.000000', NULL, 'running', NULL, NULL, '0.0.9', 'elsewhere', 4242);
CREATE TABLE salaries (
    city VARCHAR(64) NOT NULL, title VARCHAR(255) NOT NULL, salary VARCHAR(64) NOT NULL, keyword VARCHAR(64) NOT NULL,
    low DOUBLE, high DOUBLE, experience VARCHAR(32), education VARCHAR(32), company VARCHAR(255),
    district VARCHAR(64), page INTEGER, run INTEGER, found DATETIME, PRIMARY KEY (city, title, salary)
);
INSERT INTO salaries VALUES
    ('北京', 'Python开发', '15k-30k', 'Python', 15000.0, 30000.0, '3-5年', '本科', '示例', '海淀区', 1, 1, '2026-01-05 09:00:02.000000'),
    ('北京', 'Python开发', '15k以上', 'Python', 15000.0, NULL, '1-3年', '本科', '示例', NULL, 1, 1, '2026-01-05 09:00:02.000000'),
    ('北京', 'Python实习生', '200-300元/天', 'Python', NULL, NULL, '不限', '不限', NULL, NULL, 1, 1, '2026-01-05 09:00:02.000000'),
    ('北京', 'Python架构师', '面议', 'Python', NULL, NULL, '10年以上', '硕士', '示例', NULL, 1, 1, '2026-01-05 09:00:02.000000');
COMMIT;
