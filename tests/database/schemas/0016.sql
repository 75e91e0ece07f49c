BEGIN TRANSACTION;
CREATE TABLE account_lists (
	list VARCHAR(254) NOT NULL, 
	"key" VARCHAR(254) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_account_lists PRIMARY KEY (list, "key"), 
	CONSTRAINT fk_account_lists_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
INSERT INTO "account_lists" VALUES('all','alice','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','2026-03-04 05:06:07.000000','2026-03-04 05:06:07.000000');
INSERT INTO "account_lists" VALUES('all','bob','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','2026-03-04 05:06:07.000000','1970-01-01 00:00:00.000000');
INSERT INTO "account_lists" VALUES('disabled','bob','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','2026-03-04 05:06:07.000000','1970-01-01 00:00:00.000000');
INSERT INTO "account_lists" VALUES('address','x','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','2026-03-04 05:06:07.000000','1970-01-01 00:00:00.000000');
INSERT INTO "account_lists" VALUES('role:admin','alice','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','2026-03-04 05:06:07.000000','2026-03-04 05:06:07.000000');
INSERT INTO "account_lists" VALUES('unseen','bob','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','2026-03-04 05:06:07.000000','1970-01-01 00:00:00.000000');
CREATE TABLE accounts (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(32) NOT NULL, 
	password_hash VARCHAR(255) NOT NULL, 
	roles JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, email VARCHAR(254), email_key VARCHAR(254), new_email VARCHAR(254), confirm_id VARCHAR(32), reset_id VARCHAR(32), ends_at DATETIME, locked_at DATETIME, requested_at DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_accounts_name UNIQUE (name)
);
INSERT INTO "accounts" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','alice','scrypt:1024:8:1$3AYJKtFKm4JQ99vm$e62c683ce57812fc91fa12eedbe4b96bef92149af098d3f66db020c6995308252cbb9994b00b2a0822266a5e49bcea79f183461bfb3d0f42e9ba7a060fbc985d','["admin"]','2026-03-04 05:06:07.000000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','bob','scrypt:1024:8:1$3AYJKtFKm4JQ99vm$e62c683ce57812fc91fa12eedbe4b96bef92149af098d3f66db020c6995308252cbb9994b00b2a0822266a5e49bcea79f183461bfb3d0f42e9ba7a060fbc985d','[]','2026-03-04 05:06:07.000000','2126-03-04 05:06:07.000000','x','x','x','x','x','2026-03-04 05:06:07.123456','2026-03-04 05:06:07.123456','2026-03-04 05:06:07.123456');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0016');
CREATE TABLE chores (
	name VARCHAR(32) NOT NULL, 
	done_at DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "chores" VALUES('x','2026-03-04 05:06:07.000000');
CREATE TABLE devices (
	id VARCHAR(32) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT fk_devices_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
INSERT INTO "devices" VALUES('x','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','2026-03-04 05:06:07.000000','2026-03-04 05:06:07.000000');
CREATE TABLE event_chain (
	id INTEGER NOT NULL, 
	sealed_key BLOB, 
	start_id INTEGER NOT NULL, 
	start_mac VARCHAR(64) NOT NULL, 
	head_id INTEGER NOT NULL, 
	head_mac VARCHAR(64) NOT NULL, 
	uncovered_id INTEGER NOT NULL, 
	seal VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_event_chain_one_row CHECK (id = 1)
);
INSERT INTO "event_chain" VALUES(1,NULL,0,'',0,'',0,'');
CREATE TABLE events (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	event VARCHAR(32) NOT NULL, 
	outcome VARCHAR(8) NOT NULL, 
	account_id VARCHAR(32), 
	by_id VARCHAR(32), 
	address VARCHAR(64), 
	request_id VARCHAR(64), 
	facts TEXT NOT NULL, 
	count INTEGER NOT NULL, 
	mac VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "events" VALUES(1,'2026-03-04 05:06:07.123456','x','x','x','x','x','x','x',1,'x');
CREATE TABLE former_names (
	name VARCHAR(32) NOT NULL, 
	deleted_at DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "former_names" VALUES('x','2026-03-04 05:06:07.000000');
CREATE TABLE guest_links (
	id VARCHAR(32) NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	creator_id VARCHAR(32), 
	label VARCHAR(64) NOT NULL, 
	host VARCHAR(254) NOT NULL, 
	path VARCHAR(1024) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	opened_at DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_guest_links_code_hash UNIQUE (code_hash), 
	CONSTRAINT fk_guest_links_creator_id_accounts FOREIGN KEY(creator_id) REFERENCES accounts (id) ON DELETE CASCADE
);
INSERT INTO "guest_links" VALUES('x','x','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','x','x','x','2026-03-04 05:06:07.123456','2026-03-04 05:06:07.123456','2026-03-04 05:06:07.123456');
CREATE TABLE invitations (
	id VARCHAR(32) NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	inviter_id VARCHAR(32), 
	name VARCHAR(32), 
	roles JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	account_id VARCHAR(32), 
	PRIMARY KEY (id), 
	CONSTRAINT uq_invitations_code_hash UNIQUE (code_hash), 
	CONSTRAINT fk_invitations_inviter_id_accounts FOREIGN KEY(inviter_id) REFERENCES accounts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_invitations_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE SET NULL
);
INSERT INTO "invitations" VALUES('x','x','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','x','["x"]','2026-03-04 05:06:07.123456','2026-03-04 05:06:07.123456','2026-03-04 05:06:07.123456','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
CREATE TABLE mails (
	id VARCHAR(32) NOT NULL, 
	channel VARCHAR(8) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	account_id VARCHAR(32), 
	recipient VARCHAR(254) NOT NULL, 
	link_id VARCHAR(32), 
	facts JSON NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	attempts INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	next_attempt_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	last_error VARCHAR(200), 
	PRIMARY KEY (id), 
	CONSTRAINT fk_mails_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
INSERT INTO "mails" VALUES('x','x','x','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','x','x','["x"]','x',1,'2026-03-04 05:06:07.123456','2026-03-04 05:06:07.123456','2026-03-04 05:06:07.123456','x');
CREATE TABLE "sessions" (
	id VARCHAR(32) NOT NULL, 
	account_id VARCHAR(32), 
	kind VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	end_reason VARCHAR(32), 
	address VARCHAR(64) NOT NULL, 
	user_agent VARCHAR(256) NOT NULL, 
	name VARCHAR(64) DEFAULT ('') NOT NULL, 
	roles JSON, 
	until_at DATETIME NOT NULL, hosts JSON, kid VARCHAR(32), 
	PRIMARY KEY (id), 
	CONSTRAINT fk_sessions_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE SET NULL
);
INSERT INTO "sessions" VALUES('11111111111111111111111111111111','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','browser','2026-03-04 05:06:07.000000','2026-03-04 05:06:07.000000','2126-03-04 05:06:07.000000',NULL,NULL,'192.0.2.1','Tést "''%s','',NULL,'2126-03-04 05:06:07.000000',NULL,NULL);
INSERT INTO "sessions" VALUES('22222222222222222222222222222222','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','browser','2026-03-04 05:06:07.000000','2026-03-04 05:06:07.000000','2126-03-04 05:06:07.000000','2026-03-04 05:06:07.000000','signed_out','192.0.2.1','Tést "''%s','x','["x"]','2026-03-04 05:06:07.000000','["x"]','x');
CREATE TABLE setup (
	id INTEGER NOT NULL, 
	link_id VARCHAR(32), 
	done_at DATETIME, code_digest BLOB, code_expires_at DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_setup_one_row CHECK (id = 1)
);
INSERT INTO "setup" VALUES(1,NULL,'2026-03-04 05:06:07.000000',X'78','2026-03-04 05:06:07.123456');
CREATE TABLE signing_keys (
	kid VARCHAR(32) NOT NULL, 
	algorithm VARCHAR(16) NOT NULL, 
	sealed BLOB NOT NULL, 
	created_at DATETIME NOT NULL, retired_at DATETIME, 
	PRIMARY KEY (kid)
);
INSERT INTO "signing_keys" VALUES('3333333333333333','HS256',X'6741414141414272436E506D413757665A53666759654258354E66364751454368354843354F537235574C76705367787546633159784338516C6C5362495A726C394D48687457415A39504377636E484C547071567352376E38714D41444A7757544558786248515474747A6E6C77585A48755162664542365154494E6C6F5037455A692D30306475734749','2026-03-04 05:06:07.000000',NULL);
INSERT INTO "signing_keys" VALUES('4444444444444444','HS256',X'6741414141414272436E506D6C5056725945705674375A316A4B5139716F7A6F706C4C3871357450326A755444626E6D2D6E624F685454686D576E444D4D58642D593965544975444F715044496A7568545A70526E5F4A7248637A7233337A39626871337054716837413951727469562D54735F76444F436C6778756F2D483239454E3569704D7246535664','2026-03-03 05:06:07.000000','2026-03-04 05:06:07.000000');
CREATE TABLE throttles (
	"key" VARCHAR(96) NOT NULL, 
	full_at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "throttles" VALUES('x',1);
CREATE INDEX ix_sessions_ended_at ON sessions (ended_at);
CREATE INDEX ix_sessions_account_id ON sessions (account_id);
CREATE INDEX ix_sessions_expires_at ON sessions (expires_at);
CREATE INDEX ix_throttles_full_at ON throttles (full_at);
CREATE INDEX ix_devices_account_id ON devices (account_id);
CREATE INDEX ix_events_at ON events (at);
CREATE INDEX ix_events_account_id ON events (account_id);
CREATE INDEX ix_events_by_id ON events (by_id);
CREATE UNIQUE INDEX ix_accounts_email_key ON accounts (email_key);
CREATE INDEX ix_mails_due ON mails (state, next_attempt_at);
CREATE INDEX ix_mails_account_id ON mails (account_id);
CREATE INDEX ix_mails_link_id ON mails (link_id);
CREATE INDEX ix_account_lists_created ON account_lists (list, created_at, "key");
CREATE INDEX ix_account_lists_seen ON account_lists (list, last_seen_at, "key");
CREATE INDEX ix_account_lists_account_id ON account_lists (account_id);
CREATE TRIGGER daypass_account_added AFTER INSERT ON accounts FOR EACH ROW BEGIN 
    INSERT INTO account_lists (list, key, account_id, created_at, last_seen_at)
    SELECT list, key, id, created_at, coalesce(
        (SELECT seen.last_seen_at FROM account_lists AS seen WHERE seen.account_id = entry.id AND seen.list = 'all'),
        '1970-01-01 00:00:00.000000'
    )
    FROM (
        SELECT 'all' AS list, name AS key, id, created_at FROM accounts WHERE accounts.id = NEW.id
        UNION ALL SELECT 'disabled', name, id, created_at FROM accounts WHERE accounts.id = NEW.id AND disabled_at IS NOT NULL
        UNION ALL SELECT 'address', email_key, id, created_at FROM accounts WHERE accounts.id = NEW.id AND email_key IS NOT NULL
        UNION ALL SELECT 'role:' || value, name, accounts.id, created_at FROM accounts, json_each(accounts.roles) WHERE accounts.id = NEW.id
    ) AS entry
    WHERE true ON CONFLICT DO NOTHING
;

    INSERT INTO account_lists (list, key, account_id, created_at, last_seen_at)
    SELECT 'unseen', key, account_id, created_at, last_seen_at FROM account_lists AS seen
    WHERE list = 'all' AND last_seen_at = '1970-01-01 00:00:00.000000' AND account_id = NEW.id
;
 END;
CREATE TRIGGER daypass_account_changed AFTER UPDATE OF roles, disabled_at, email_key ON accounts FOR EACH ROW BEGIN DELETE FROM account_lists WHERE account_id = NEW.id AND list NOT IN ('all', 'unseen');

    INSERT INTO account_lists (list, key, account_id, created_at, last_seen_at)
    SELECT list, key, id, created_at, coalesce(
        (SELECT seen.last_seen_at FROM account_lists AS seen WHERE seen.account_id = entry.id AND seen.list = 'all'),
        '1970-01-01 00:00:00.000000'
    )
    FROM (
        SELECT 'all' AS list, name AS key, id, created_at FROM accounts WHERE accounts.id = NEW.id
        UNION ALL SELECT 'disabled', name, id, created_at FROM accounts WHERE accounts.id = NEW.id AND disabled_at IS NOT NULL
        UNION ALL SELECT 'address', email_key, id, created_at FROM accounts WHERE accounts.id = NEW.id AND email_key IS NOT NULL
        UNION ALL SELECT 'role:' || value, name, accounts.id, created_at FROM accounts, json_each(accounts.roles) WHERE accounts.id = NEW.id
    ) AS entry
    WHERE true ON CONFLICT DO NOTHING
;
 END;
CREATE TRIGGER daypass_session_added AFTER INSERT ON sessions FOR EACH ROW WHEN (NEW.kind <> 'trial' AND NEW.account_id IS NOT NULL) BEGIN DELETE FROM account_lists WHERE account_id = NEW.account_id AND list = 'unseen';

    UPDATE account_lists SET last_seen_at = NEW.last_seen_at
    WHERE account_id = NEW.account_id AND last_seen_at < NEW.last_seen_at 
;
 END;
CREATE TRIGGER daypass_session_seen AFTER UPDATE OF last_seen_at ON sessions FOR EACH ROW WHEN (NEW.kind <> 'trial' AND NEW.account_id IS NOT NULL) BEGIN 
    UPDATE account_lists SET last_seen_at = NEW.last_seen_at
    WHERE account_id = NEW.account_id AND last_seen_at < NEW.last_seen_at 
;
 END;
CREATE INDEX ix_accounts_requested_at ON accounts (requested_at);
CREATE INDEX ix_invitations_inviter_id ON invitations (inviter_id);
CREATE INDEX ix_invitations_expires_at ON invitations (expires_at);
CREATE INDEX ix_invitations_account_id ON invitations (account_id);
CREATE INDEX ix_guest_links_creator_id ON guest_links (creator_id);
CREATE INDEX ix_guest_links_expires_at ON guest_links (expires_at);
COMMIT;
