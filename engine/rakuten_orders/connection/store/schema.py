"""The store's tables, as migrations: each one moves ``PRAGMA user_version`` up by one. Never edit one that shipped.

Times are ISO 8601 in UTC. ``login`` is casefolded. No column ever holds a token.
"""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE rule_sets (
        digest TEXT PRIMARY KEY,
        sources TEXT NOT NULL,              -- JSON: what Engine.from_sources builds the set from
        stored_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE accounts (
        login TEXT PRIMARY KEY,
        label TEXT NOT NULL,                -- the connection's label when it was last used
        since TEXT NOT NULL,                -- a date: accepted sales bought before are not taken in
        rules_digest TEXT REFERENCES rule_sets (digest),
        cursor TEXT,                        -- how far the back office's shipments were read
        asked_new_at TEXT,                  -- the last getnewsales that was answered
        read_current_at TEXT,               -- the last getcurrentsales that was read to its end
        caught_up_at TEXT,                  -- the last one that went back to `since` or sixty days
        quota_until TEXT,
        started_at TEXT,
        finished_at TEXT,
        error_reason TEXT, error_message TEXT, error_hint TEXT
    ) STRICT;

    CREATE TABLE leases (
        login TEXT PRIMARY KEY,
        fence INTEGER NOT NULL,             -- grows with each holder; a write with an old one fails
        pid INTEGER NOT NULL,
        process TEXT NOT NULL,              -- tells a process from a later one with its pid
        host TEXT NOT NULL,
        expires_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE orders (
        login TEXT NOT NULL REFERENCES accounts (login),
        purchase_id TEXT NOT NULL,
        status TEXT NOT NULL,
        sale TEXT NOT NULL,                 -- JSON: the raw sale as Rakuten last gave it
        bought_at TEXT,
        deadline TEXT,                      -- to accept; null once every item is decided
        error_reason TEXT, error_message TEXT, error_hint TEXT,
        details_of TEXT,                    -- fingerprint of the sale whose shipping and billing were read
        seen_of TEXT NOT NULL,              -- fingerprint of the sale and its items now
        told_of TEXT,                       -- the same, as of the last message
        sequence INTEGER NOT NULL DEFAULT 0,  -- of the last message; 0: none yet
        rules_digest TEXT,                  -- the set that made the last message
        first_seen_at TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        PRIMARY KEY (login, purchase_id)
    ) STRICT;
    CREATE INDEX orders_by_status ON orders (login, status);
    CREATE INDEX orders_by_purchase ON orders (purchase_id);

    CREATE TABLE items (
        login TEXT NOT NULL,
        item_id TEXT NOT NULL,
        purchase_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        sku TEXT NOT NULL,
        status TEXT NOT NULL,
        rakuten_status TEXT NOT NULL,
        because TEXT NOT NULL DEFAULT '',   -- of a hold or a skip
        carrier TEXT,
        transporter TEXT,                   -- the name that Rakuten got
        number_received TEXT,
        tracking_number TEXT,               -- as sent
        tracking_url TEXT,
        changed_at TEXT NOT NULL,
        PRIMARY KEY (login, item_id),
        FOREIGN KEY (login, purchase_id) REFERENCES orders (login, purchase_id)
    ) STRICT;
    CREATE INDEX items_by_order ON items (login, purchase_id, position);

    -- Accepted items that are not taken in (first seen as shipped), so that nobody asks about them again.
    CREATE TABLE left_out (
        login TEXT NOT NULL,
        item_id TEXT NOT NULL,
        because TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (login, item_id)
    ) STRICT;

    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        login TEXT NOT NULL,
        purchase_id TEXT,                   -- null: the account's
        item_id TEXT,
        at TEXT NOT NULL,
        level TEXT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        by TEXT
    ) STRICT;
    CREATE INDEX events_by_order ON events (login, purchase_id, id);

    -- Calls that change something at Rakuten: a row is durable before the call, its outcome after it.
    CREATE TABLE intents (
        id INTEGER PRIMARY KEY,
        login TEXT NOT NULL,
        purchase_id TEXT NOT NULL,
        item_id TEXT NOT NULL,
        action TEXT NOT NULL,
        arguments TEXT NOT NULL,            -- JSON, canonical
        shipment_id INTEGER REFERENCES shipments (id),
        opened_at TEXT NOT NULL,
        outcome TEXT,                       -- null: unknown, to be read back before it is repeated
        detail TEXT NOT NULL DEFAULT '',
        settled_at TEXT
    ) STRICT;
    CREATE UNIQUE INDEX one_open_intent ON intents (login, item_id) WHERE outcome IS NULL;
    CREATE INDEX intents_by_item ON intents (login, item_id, action);

    CREATE TABLE messages (
        key TEXT PRIMARY KEY,
        login TEXT NOT NULL,
        purchase_id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        type TEXT NOT NULL,
        body TEXT NOT NULL,                 -- JSON: the whole message
        made_at TEXT NOT NULL,
        delivered_at TEXT
    ) STRICT;
    CREATE INDEX messages_to_deliver ON messages (login, purchase_id, sequence) WHERE delivered_at IS NULL;

    CREATE TABLE shipments (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL UNIQUE,        -- where it came from, to the line: what is read twice is stored once
        login TEXT NOT NULL,
        purchase_id TEXT NOT NULL,
        shipment TEXT NOT NULL,             -- JSON
        by TEXT,
        received_at TEXT NOT NULL,
        state TEXT NOT NULL,                -- open, done or refused
        error_reason TEXT, error_message TEXT, error_hint TEXT
    ) STRICT;
    CREATE INDEX shipments_by_order ON shipments (login, purchase_id, id);
    CREATE INDEX shipments_open ON shipments (login) WHERE state = 'open';
    """,
    """
    -- What people decided by hand.
    CREATE TABLE decisions (
        id INTEGER PRIMARY KEY,
        login TEXT NOT NULL,
        purchase_id TEXT NOT NULL,
        action TEXT NOT NULL,
        because TEXT NOT NULL,
        by TEXT NOT NULL,
        decided_at TEXT NOT NULL,
        state TEXT NOT NULL                 -- open, done or withdrawn
    ) STRICT;
    CREATE INDEX decisions_by_order ON decisions (login, purchase_id, id);
    CREATE INDEX decisions_open ON decisions (login) WHERE state = 'open';

    -- When the buyer's data was removed; null: it was not.
    ALTER TABLE orders ADD COLUMN forgotten_at TEXT;

    -- What people were told of by the webhook, JSON by reason, and when.
    ALTER TABLE accounts ADD COLUMN told TEXT;
    ALTER TABLE accounts ADD COLUMN told_at TEXT;

    -- What getitemtodolist named when it was last read, JSON: item and cause of each entry, and when.
    ALTER TABLE accounts ADD COLUMN todo TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE accounts ADD COLUMN todo_read_at TEXT;

    -- Of a copy that took the store's place: above which messages are numbered, and whether no pass was made since.
    ALTER TABLE accounts ADD COLUMN numbered_above INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE accounts ADD COLUMN restored INTEGER NOT NULL DEFAULT 0;
    """,
    """
    -- What a pass asks for is found as fast among a hundred thousand orders as among a thousand. The conditions are
    -- those of the queries, word by word: only then SQLite uses such an index.
    CREATE INDEX orders_live ON orders (login)
        WHERE (status NOT IN ('cancelled', 'manual', 'refused', 'shipped')
            OR (sequence > 0 AND told_of IS NOT seen_of));
    CREATE INDEX orders_in_error ON orders (login, error_reason) WHERE error_reason IS NOT NULL;
    CREATE INDEX messages_by_order ON messages (login, purchase_id, sequence);
    """,
)
"""One script for each schema version, oldest first."""
