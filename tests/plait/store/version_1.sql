BEGIN TRANSACTION;
CREATE TABLE attribute_types (
	name VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "attribute_types" VALUES('year','number');
CREATE TABLE counter (
	sequence INTEGER NOT NULL
);
INSERT INTO "counter" VALUES(10);
CREATE TABLE events (
	sequence INTEGER NOT NULL, 
	identity VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	item_id VARCHAR NOT NULL, 
	event VARCHAR NOT NULL, 
	value FLOAT, 
	timestamp FLOAT NOT NULL, 
	event_id VARCHAR NOT NULL, 
	session_id VARCHAR NOT NULL, 
	recommendation_id VARCHAR NOT NULL, 
	"query" VARCHAR NOT NULL, 
	PRIMARY KEY (sequence), 
	CONSTRAINT event_identity UNIQUE (identity)
);
INSERT INTO "events" VALUES(5,'e1','u','007','rating',4.5,1700000000.0,'e1','s1','r1','');
INSERT INTO "events" VALUES(6,'row:414653d94f06f736e8b21244bfb5371e','u','gone','view',NULL,1700000001.0,'','','','');
INSERT INTO "events" VALUES(7,'row:75ec90034a2708c4a0950aa3474303d0','v','','search',NULL,1700000002.0,'','','','socks');
CREATE TABLE exposure_slots (
	recommendation_id VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	item_id VARCHAR NOT NULL, 
	propensity FLOAT NOT NULL, 
	PRIMARY KEY (recommendation_id, position), 
	FOREIGN KEY(recommendation_id) REFERENCES exposures (recommendation_id)
);
INSERT INTO "exposure_slots" VALUES('r1',1,'007',1.0);
INSERT INTO "exposure_slots" VALUES('r1',2,'NA',0.5);
CREATE TABLE exposures (
	recommendation_id VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	timestamp FLOAT NOT NULL, 
	policy VARCHAR NOT NULL, 
	sequence INTEGER NOT NULL, 
	PRIMARY KEY (recommendation_id)
);
INSERT INTO "exposures" VALUES('r1','u',1700000000.0,'plain',10);
CREATE TABLE items (
	item_id VARCHAR NOT NULL, 
	sequence INTEGER NOT NULL, 
	removed INTEGER NOT NULL, 
	title VARCHAR NOT NULL, 
	description VARCHAR NOT NULL, 
	image VARCHAR NOT NULL, 
	audio VARCHAR NOT NULL, 
	categories VARCHAR NOT NULL, 
	created_at FLOAT, 
	attributes VARCHAR NOT NULL, 
	hashes VARCHAR NOT NULL, 
	PRIMARY KEY (item_id), 
	UNIQUE (sequence)
);
INSERT INTO "items" VALUES('007',1,0,'A title','A description','/media/a.png','/media/a.ogg','["one","two"]',1500000000.0,'{"colour":"red","tags":["x","y"],"year":1999.0}','{"text":"tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt","image":"iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"}');
INSERT INTO "items" VALUES('NA',2,0,'Not available','','','','[]',NULL,'{}','{}');
INSERT INTO "items" VALUES('gone',4,1,'','','','','[]',NULL,'{}','{}');
CREATE TABLE leases (
	name VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	token INTEGER NOT NULL, 
	expires FLOAT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "leases" VALUES('compactor','',1,0.0);
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema_version','1');
INSERT INTO "meta" VALUES('own.text','abc');
CREATE TABLE relations (
	user_id VARCHAR NOT NULL, 
	other_id VARCHAR NOT NULL, 
	weight FLOAT NOT NULL, 
	sequence INTEGER NOT NULL, 
	PRIMARY KEY (user_id, other_id)
);
INSERT INTO "relations" VALUES('u','v',0.5,9);
CREATE TABLE users (
	user_id VARCHAR NOT NULL, 
	sequence INTEGER NOT NULL, 
	attributes VARCHAR NOT NULL, 
	PRIMARY KEY (user_id)
);
INSERT INTO "users" VALUES('u',8,'{"age":30.0}');
CREATE INDEX living_items ON items (removed, item_id);
CREATE INDEX events_of_user ON events (user_id, timestamp, sequence);
CREATE INDEX ix_exposures_user_id ON exposures (user_id);
COMMIT;
