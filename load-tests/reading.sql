-- A year of three companies, for script/load reading: what reports and search read. The first,
-- `bench`, has :messages messages in :sessions sessions of :conversations conversations, six
-- departments, forty attendants and four numbers; two small ones beside it are there to be passed
-- over. Numbers that seem to be drawn are the same each time. Run as the superuser, before
-- `papo metrics rebuild` and `papo search rebuild` make of it what they would have made of the
-- stream.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '256MB';
SELECT setseed(0.5) \g /dev/null

CREATE FUNCTION pg_temp.draw(n bigint, most integer) RETURNS integer
    LANGUAGE sql IMMUTABLE RETURN (hashint8(n) & 1073741823) % most;

-- Words, the most frequent first: some that people look for, then any that sound like words.
CREATE TEMP TABLE word AS
SELECT row_number() OVER () AS n, w AS word FROM (
    SELECT unnest(string_to_array(
        'oi bom dia obrigado você preciso pedido entrega não quero pagamento boleto meu favor como '
        'prazo endereço cartão produto compra nota fiscal atendimento quando chegou atraso troca '
        'devolução cancelar reembolso desconto orçamento garantia instalação técnico agendar horário '
        'reunião contrato renovação segunda via comprovante transferência depósito fatura cobrança '
        'senha acesso aplicativo tela internet conexão modem chamado protocolo suporte vendas', ' ')) w
    UNION ALL
    SELECT a || b || c FROM
        unnest(string_to_array('ca di gu la me ni po ra si lu', ' ')) a,
        unnest(string_to_array('cri cli do fa go lha mi na pe ro', ' ')) b,
        unnest(string_to_array('bado cante dor feira gem lhão mento nal por são', ' ')) c
) all_words;
CREATE UNIQUE INDEX ON word (n);

CREATE TEMP TABLE sentence AS
SELECT s.n, string_agg(w.word, ' ' ORDER BY d.place) AS text
FROM generate_series(0, 19999) AS s(n)
CROSS JOIN LATERAL (
    SELECT p.place, 1 + floor(power(random(), 3) * (SELECT count(*) FROM word))::bigint AS drawn
    FROM generate_series(1, 4 + (s.n * 7919) % 14) AS p(place)
) d
JOIN word w ON w.n = d.drawn
GROUP BY s.n;
CREATE UNIQUE INDEX ON sentence (n);

CREATE TEMP TABLE company AS
SELECT t.tenant_id AS id, CASE t.slug WHEN 'bench' THEN 1.0 ELSE 0.02 END AS share
FROM tenants t WHERE t.slug LIKE 'bench%';

INSERT INTO departments (tenant_id, id, name, position)
SELECT c.id, gen_random_uuid(), name, place
FROM company c, unnest(ARRAY['Vendas', 'Suporte', 'Financeiro', 'Logística', 'Trocas', 'Agenda'])
    WITH ORDINALITY AS d(name, place);

INSERT INTO users (tenant_id, id, email, password_hash, full_name, role)
SELECT c.id, gen_random_uuid(), 'pessoa' || n || '@example.com', '', 'Pessoa ' || n, 'attendant'
FROM company c, generate_series(1, 40) n;

INSERT INTO user_departments (tenant_id, user_id, department_id)
SELECT u.tenant_id, u.id, d.id
FROM users u JOIN departments d ON d.tenant_id = u.tenant_id
WHERE u.role = 'attendant' AND (hashtext(u.email) & 7) IN (d.position, d.position - 1);

INSERT INTO channels (tenant_id, id, name, phone_number_id, waba_id)
SELECT c.id, gen_random_uuid(), 'Número ' || n, left(translate(c.id::text, '-abcdef', '123456'), 14) || n, '1'
FROM company c, generate_series(1, 4) n;

-- Whose turn it is, by number.
CREATE TEMP TABLE department AS
SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY position) - 1 AS n FROM departments;
CREATE TEMP TABLE person AS
SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY email) - 1 AS n
FROM users WHERE role = 'attendant';
CREATE TEMP TABLE number AS
SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY name) - 1 AS n FROM channels;

CREATE TEMP TABLE conversation AS
SELECT c.id AS tenant_id, n, gen_random_uuid() AS id, gen_random_uuid() AS customer_id,
       '55119' || lpad(n::text, 8, '0') AS phone
FROM company c, generate_series(0, (:conversations * c.share)::int - 1) n;
CREATE UNIQUE INDEX ON conversation (tenant_id, n);

INSERT INTO customers (tenant_id, id, name, phone)
SELECT tenant_id, customer_id,
       (ARRAY['Maria', 'José', 'Ana', 'João', 'Antônia', 'Francisco', 'Márcia', 'Luís'])[1 + n % 8]
       || ' ' || (ARRAY['Silva', 'Santos', 'Conceição', 'Souza', 'Araújo'])[1 + (n / 8) % 5] || ' ' || n,
       phone
FROM conversation;

INSERT INTO customer_aliases (tenant_id, kind, key, value, customer_id)
SELECT tenant_id, 'wa_id', phone, phone, customer_id FROM conversation;

-- Sessions of a conversation follow each other through the year.
CREATE TEMP TABLE session AS
SELECT s.*, sum(s.size) OVER (PARTITION BY s.tenant_id, s.c ORDER BY s.session) - s.size AS base
FROM (
    SELECT co.id AS tenant_id, g AS n, g % (:conversations * co.share)::int AS c,
           g / (:conversations * co.share)::int + 1 AS session,
           now() - interval '1 hour' - interval '365 days'
               * (1 - (g / (:conversations * co.share)::int + random())
                      / (1 + :sessions / :conversations)) AS opened_at,
           1 + floor(random() * 2 * (:messages / :sessions - 1))::int + (random() * 1.5)::int AS size,
           random() < 0.55 AS attended
    FROM company co, generate_series(0, (:sessions * co.share)::int - 1) g
) s;
CREATE INDEX ON session (tenant_id, c);

CREATE TEMP TABLE served AS
SELECT s.*, k.id AS conversation_id, d.id AS department_id, p.id AS user_id, ch.id AS channel_id,
       s.opened_at + s.size * interval '40 seconds' + interval '1 minute' AS ended_at
FROM session s
JOIN conversation k ON k.tenant_id = s.tenant_id AND k.n = s.c
JOIN department d ON d.tenant_id = s.tenant_id AND d.n = pg_temp.draw(s.n, 6)
JOIN person p ON p.tenant_id = s.tenant_id AND p.n = pg_temp.draw(s.n + 1, 40)
JOIN number ch ON ch.tenant_id = s.tenant_id AND ch.n = s.c % 4;

-- Each as its newest session left it.
INSERT INTO conversations (tenant_id, id, channel_id, customer_id, peer_kind, peer_key, peer_value, status,
    mode, department_id, last_seq, last_message_at, last_inbound_at, session_at, ended_at, created_at)
SELECT DISTINCT ON (s.tenant_id, s.c) s.tenant_id, s.conversation_id, s.channel_id, k.customer_id, 'wa_id',
       k.phone, k.phone, 'closed', 'closed', CASE WHEN s.attended THEN s.department_id END, s.base + s.size,
       s.ended_at, s.ended_at, s.opened_at, s.ended_at, s.opened_at
FROM served s JOIN conversation k ON k.tenant_id = s.tenant_id AND k.n = s.c
ORDER BY s.tenant_id, s.c, s.session DESC;

INSERT INTO service_sessions (tenant_id, conversation_id, session, channel_id, department_id, last_user_id,
    opened_at, ended_at, end_reason, asked_at, taken_at, served_at, answered_at, transfers, inbound, bot, staff,
    stretches)
SELECT tenant_id, conversation_id, session, channel_id,
       CASE WHEN attended THEN department_id END, CASE WHEN attended THEN user_id END,
       opened_at, ended_at, CASE WHEN attended THEN 'staff' WHEN n % 3 = 0 THEN 'bot_idle' ELSE 'flow' END,
       CASE WHEN attended THEN opened_at + interval '1 minute' END,
       CASE WHEN attended THEN opened_at + interval '1 minute' + n % 900 * interval '1 second' END,
       CASE WHEN attended THEN opened_at + interval '1 minute' + n % 900 * interval '1 second' END,
       CASE WHEN attended THEN opened_at + interval '2 minutes' + n % 1500 * interval '1 second' END,
       CASE WHEN attended AND n % 6 = 0 THEN 1 ELSE 0 END,
       (size + 1) / 2, CASE WHEN attended THEN least(2, size / 2) ELSE size / 2 END,
       CASE WHEN attended THEN greatest(0, size / 2 - 2) ELSE 0 END, CASE WHEN attended THEN 1 ELSE 0 END
FROM served;

INSERT INTO attendance_stretches (tenant_id, conversation_id, session, number, channel_id, user_id,
    department_id, began_at, ended_at, end_kind, answered_at, sent)
SELECT tenant_id, conversation_id, session, 1, channel_id, user_id, department_id,
       opened_at + interval '1 minute' + n % 900 * interval '1 second',
       ended_at + interval '16 minutes', CASE WHEN n % 6 = 0 THEN 'transferred' ELSE 'closed' END,
       opened_at + interval '2 minutes' + n % 1500 * interval '1 second', greatest(0, size / 2 - 2)
FROM served WHERE attended;

INSERT INTO ratings (tenant_id, conversation_id, session, score, rated_by, user_id, department_id, at)
SELECT tenant_id, conversation_id, session, 1 + pg_temp.draw(n, 5), 'customer', user_id, department_id,
       ended_at
FROM served WHERE attended AND n % 3 = 0;

INSERT INTO messages (tenant_id, conversation_id, seq, id, sender, sender_user_id, kind, text, body, sent_at,
    delivery, created_at)
SELECT m.tenant_id, m.conversation_id, m.base + m.i, gen_random_uuid(), m.sender,
       CASE m.sender WHEN 'attendant' THEN m.user_id END, 'text', m.text,
       CASE m.sender WHEN 'customer'
           THEN json_build_object('body', 'inbound', 'content', json_build_object('type', 'text', 'body', m.text))
           ELSE json_build_object('body', 'outbound', 'outbound', json_build_object('type', 'text', 'body', m.text))
       END,
       m.at, CASE m.sender WHEN 'customer' THEN NULL ELSE 8 END, m.at
FROM (
    SELECT s.tenant_id, s.conversation_id, s.base, s.user_id, i,
           s.opened_at + i * interval '40 seconds' AS at,
           CASE WHEN i % 2 = 1 THEN 'customer' WHEN s.attended AND i > 4 THEN 'attendant' ELSE 'bot' END AS sender,
           -- Numbers of orders are what is looked for and seldom there.
           w.text || CASE WHEN (s.n + i) % 7 = 0 THEN ' ' || (s.n * 16 + i) % 1000000 ELSE '' END AS text
    FROM served s
    CROSS JOIN LATERAL generate_series(1, s.size) AS i
    JOIN sentence w ON w.n = pg_temp.draw(s.n * 64 + i, 20000)
) m;

ANALYZE;

-- What the load asks for.
SELECT json_build_object(
    'messages', (SELECT count(*) FROM messages m WHERE m.tenant_id = t.tenant_id),
    'sessions', (SELECT count(*) FROM service_sessions s WHERE s.tenant_id = t.tenant_id),
    'departments', (SELECT json_agg(id) FROM department d WHERE d.tenant_id = t.tenant_id),
    'users', (SELECT json_agg(id) FROM person p WHERE p.tenant_id = t.tenant_id),
    'channels', (SELECT json_agg(id) FROM number n WHERE n.tenant_id = t.tenant_id),
    'customers', (SELECT json_agg(customer_id) FROM conversation c
                  WHERE c.tenant_id = t.tenant_id AND c.n % 400 = 0),
    'conversations', (SELECT json_agg(id) FROM conversation c
                      WHERE c.tenant_id = t.tenant_id AND c.n % 400 = 0))
FROM tenants t WHERE t.slug = 'bench';
