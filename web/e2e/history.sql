-- Two months of the demo's tenant, for pictures: forty customers, four who attend, and what they
-- said. Drawn the same each time. Run as the superuser, before the server, and before
-- `papo metrics rebuild` and `papo search rebuild`.
\set ON_ERROR_STOP on
SELECT setseed(0.4) \g /dev/null

CREATE TEMP TABLE here AS
SELECT t.tenant_id AS tenant, c.id AS channel
FROM tenants t JOIN channels c USING (tenant_id) WHERE t.slug = 'demo';

-- Colleagues who have no password: nobody logs in as them.
INSERT INTO users (tenant_id, id, email, password_hash, full_name, role)
SELECT tenant, gen_random_uuid(), split_part(lower(name), ' ', 1) || '@example.com', '', name, 'attendant'
FROM here, unnest(ARRAY['Carla Mendes', 'Davi Rocha']) name;
INSERT INTO user_departments (tenant_id, user_id, department_id)
SELECT u.tenant_id, u.id, d.id
FROM here JOIN users u ON u.tenant_id = tenant JOIN departments d ON d.tenant_id = tenant
WHERE (u.email, d.name) IN (('carla@example.com', 'Vendas'), ('davi@example.com', 'Financeiro'));

CREATE TEMP TABLE crew (department text, turn integer, email text);
INSERT INTO crew VALUES
    ('Vendas', 0, 'ana@example.com'), ('Vendas', 1, 'carla@example.com'),
    ('Suporte', 0, 'bruno@example.com'), ('Suporte', 1, 'ana@example.com'),
    ('Financeiro', 0, 'davi@example.com'), ('Financeiro', 1, 'bruno@example.com');

-- What is talked about: who says it (customer, bot or attendant), and what.
CREATE TEMP TABLE line (topic integer, department text, resolution text, place integer, who text, words text);
INSERT INTO line VALUES
    (0, NULL, NULL, 1, 'customer', 'Oi, qual o horário de vocês?'),
    (0, NULL, NULL, 2, 'bot', 'Olá! 👋 Como podemos ajudar?'),
    (0, NULL, NULL, 3, 'customer', 'Ver horário'),
    (0, NULL, NULL, 4, 'bot', 'Atendemos de segunda a sexta, das 8h às 18h, e aos sábados até as 12h.'),
    (0, NULL, NULL, 5, 'customer', 'Perfeito, obrigado'),
    (1, NULL, NULL, 1, 'customer', 'Boa tarde'),
    (1, NULL, NULL, 2, 'bot', 'Olá! 👋 Como podemos ajudar?'),
    (1, NULL, NULL, 3, 'customer', 'Encerrar'),
    (1, NULL, NULL, 4, 'bot', 'Obrigado pelo contato. Até logo!'),
    (2, 'Vendas', 'Orçamento enviado por e-mail', 1, 'customer', 'Bom dia! Vocês fazem orçamento para empresa?'),
    (2, 'Vendas', NULL, 2, 'bot', 'Vou chamar alguém de Vendas para você.'),
    (2, 'Vendas', NULL, 3, 'attendant', 'Bom dia! Fazemos, sim. Quantas unidades seriam?'),
    (2, 'Vendas', NULL, 4, 'customer', 'Umas 40, com entrega em Joinville'),
    (2, 'Vendas', NULL, 5, 'attendant', 'Certo. Envio o orçamento ainda hoje por e-mail, com o frete incluído.'),
    (2, 'Vendas', NULL, 6, 'customer', 'Combinado, fico no aguardo'),
    (3, 'Suporte', 'Aplicativo reinstalado', 1, 'customer', 'O aplicativo não abre mais no meu celular'),
    (3, 'Suporte', NULL, 2, 'bot', 'Vou chamar alguém do Suporte para você.'),
    (3, 'Suporte', NULL, 3, 'attendant', 'Olá! Qual é a versão que aparece em Ajustes > Sobre?'),
    (3, 'Suporte', NULL, 4, 'customer', '4.2.1'),
    (3, 'Suporte', NULL, 5, 'attendant', 'Essa versão tem uma falha conhecida. Pode instalar a 4.2.2, por favor?'),
    (3, 'Suporte', NULL, 6, 'customer', 'Instalei, voltou a funcionar!'),
    (3, 'Suporte', NULL, 7, 'attendant', 'Que bom! Qualquer coisa, é só chamar. 🙂'),
    (4, 'Financeiro', 'Segunda via enviada', 1, 'customer', 'Preciso da segunda via do boleto'),
    (4, 'Financeiro', NULL, 2, 'bot', 'Vou chamar alguém do Financeiro para você.'),
    (4, 'Financeiro', NULL, 3, 'attendant', 'Claro! É o boleto que vence no dia 10?'),
    (4, 'Financeiro', NULL, 4, 'customer', 'Esse mesmo'),
    (4, 'Financeiro', NULL, 5, 'attendant', 'Pronto, acabei de enviar para o seu e-mail.'),
    (5, 'Suporte', 'Troca autorizada', 1, 'customer', 'Recebi o pedido com uma peça quebrada 😕'),
    (5, 'Suporte', NULL, 2, 'bot', 'Vou chamar alguém do Suporte para você.'),
    (5, 'Suporte', NULL, 3, 'attendant', 'Sinto muito! Pode me dizer o número do pedido?'),
    (5, 'Suporte', NULL, 4, 'customer', '48127'),
    (5, 'Suporte', NULL, 5, 'attendant', 'Obrigada. Autorizei a troca; a coleta passa amanhã entre 9h e 12h.'),
    (5, 'Suporte', NULL, 6, 'customer', 'Ótimo, obrigada pela rapidez'),
    (6, 'Vendas', 'Pedido fechado', 1, 'customer', 'Ainda tem o modelo azul em estoque?'),
    (6, 'Vendas', NULL, 2, 'bot', 'Vou chamar alguém de Vendas para você.'),
    (6, 'Vendas', NULL, 3, 'attendant', 'Oi! Temos as últimas três unidades. Separo uma para você?'),
    (6, 'Vendas', NULL, 4, 'customer', 'Pode separar, pago no Pix');

CREATE TEMP TABLE person AS
SELECT tenant, n, name, gen_random_uuid() AS customer, gen_random_uuid() AS conversation,
       '5511' || 970000000 + n * 7919 AS phone
FROM here, unnest(ARRAY[
    'Aline Barros', 'André Pinheiro', 'Beatriz Lopes', 'Bernardo Reis', 'Camila Duarte', 'Caio Moura',
    'Cecília Prado', 'Daniel Azevedo', 'Débora Nunes', 'Eduardo Viana', 'Elisa Macedo', 'Fábio Teles',
    'Fernanda Brito', 'Gabriel Rezende', 'Giovana Leal', 'Gustavo Paiva', 'Helena Castro', 'Hugo Batista',
    'Ingrid Salles', 'Ivan Cordeiro', 'Joana Freitas', 'João Vicente', 'Júlia Amaral', 'Kátia Borges',
    'Laura Siqueira', 'Leandro Maia', 'Letícia Ramos', 'Luiz Otávio', 'Manuela Dias', 'Mateus Furtado',
    'Mirela Campos', 'Nicolas Braga', 'Olívia Torres', 'Pedro Esteves', 'Rafaela Lima', 'Renato Guedes',
    'Sabrina Melo', 'Tiago Fontes', 'Valéria Cunha', 'Yasmin Coelho']) WITH ORDINALITY AS p(name, n);

INSERT INTO customers (tenant_id, id, name, phone)
SELECT tenant, customer, name, phone FROM person ORDER BY n;
INSERT INTO customer_aliases (tenant_id, kind, key, value, customer_id)
SELECT tenant, 'wa_id', phone, phone, customer FROM person;

-- Fewer on Saturdays, few on Sundays, and a little more each week; most in the middle of the day.
CREATE TEMP TABLE session AS
SELECT s.*, 1 + (s.n * 17) % 40 AS person, draw < 0.6 AS attended,
       CASE WHEN draw < 0.6 THEN 2 + floor(subject * 5)::int ELSE floor(subject * 2)::int END AS topic
FROM (
    SELECT row_number() OVER (ORDER BY at) AS n, at, random() AS draw, random() AS wait, random() AS haste, random() AS subject
    FROM (
        SELECT (d::date + interval '8 hours' + (random() + random()) * interval '5 hours')
                   AT TIME ZONE 'America/Sao_Paulo' AS at
        FROM generate_series(current_date - 62, current_date, interval '1 day') d
        CROSS JOIN LATERAL generate_series(1, (CASE extract(isodow FROM d) WHEN 6 THEN 8 WHEN 7 THEN 3 ELSE 17 END
            + random() * 6 + (d::date - current_date + 62) / 8)::int)
    ) drawn WHERE at < now() - interval '50 minutes'
) s;

CREATE TEMP TABLE served AS
SELECT s.*, p.tenant, p.conversation, h.channel, l.size, l.resolution, d.id AS department_id, u.id AS user_id,
       gen_random_uuid() AS handoff,
       row_number() OVER (PARTITION BY s.person ORDER BY s.at) AS number,
       sum(l.size) OVER (PARTITION BY s.person ORDER BY s.at) - l.size AS base,
       s.at + interval '1 minute' AS asked_at,
       s.at + interval '1 minute' + (20 + power(s.wait, 3) * 900) * interval '1 second' AS taken_at,
       (30 + s.haste * 60) * interval '1 second' AS pace
FROM session s
JOIN person p ON p.n = s.person
CROSS JOIN here h
JOIN (SELECT topic, max(department) AS department, max(resolution) AS resolution, count(*)::int AS size
      FROM line GROUP BY topic) l ON l.topic = s.topic
LEFT JOIN departments d ON d.tenant_id = p.tenant AND d.name = l.department
LEFT JOIN crew c ON c.department = l.department AND c.turn = (s.n / 5) % 2
LEFT JOIN users u ON u.tenant_id = p.tenant AND u.email = c.email;
ALTER TABLE served ADD COLUMN ended_at timestamptz;
UPDATE served SET ended_at =
    CASE WHEN attended THEN taken_at + size * pace + haste * interval '8 minutes'
         ELSE at + size * interval '20 seconds' END;

INSERT INTO conversations (tenant_id, id, channel_id, customer_id, peer_kind, peer_key, peer_value, status,
    mode, department_id, last_seq, last_message_at, last_inbound_at, session_at, ended_at, created_at)
SELECT p.tenant, p.conversation, s.channel, p.customer, 'wa_id', p.phone, p.phone, 'closed', 'closed',
       s.department_id, s.base + s.size, s.ended_at, s.ended_at, s.at, s.ended_at,
       (SELECT min(f.at) FROM served f WHERE f.person = p.n)
FROM person p JOIN LATERAL (SELECT * FROM served WHERE person = p.n ORDER BY number DESC LIMIT 1) s ON true;

INSERT INTO messages (tenant_id, conversation_id, seq, id, sender, sender_user_id, kind, text, body, sent_at,
    delivery, created_at)
SELECT s.tenant, s.conversation, s.base + l.place, gen_random_uuid(), l.who,
       CASE l.who WHEN 'attendant' THEN s.user_id END, 'text', l.words,
       CASE l.who WHEN 'customer'
           THEN json_build_object('body', 'inbound', 'content', json_build_object('type', 'text', 'body', l.words))
           ELSE json_build_object('body', 'outbound', 'outbound', json_build_object('type', 'text', 'body', l.words))
       END,
       m.at, CASE l.who WHEN 'customer' THEN NULL ELSE 8 END, m.at
FROM served s JOIN line l USING (topic)
CROSS JOIN LATERAL (SELECT CASE WHEN s.attended AND l.place > 2 THEN s.taken_at + (l.place - 2) * s.pace
                                ELSE s.at + l.place * interval '12 seconds' END AS at) m;

INSERT INTO handoffs (tenant_id, id, conversation_id, department_id, priority, status, reason, requested_by,
    assigned_to, assigned_user_id, requested_at, assigned_at, completed_at, resolution, customer_satisfaction,
    created_at, waiting_since)
SELECT tenant, handoff, conversation, department_id, 'medium', 'completed', 'flow', 'bot', 'user', user_id,
       asked_at, taken_at, ended_at, resolution,
       CASE WHEN n % 3 = 0 THEN CASE WHEN n % 21 = 0 THEN 2 WHEN n % 5 = 0 THEN 4 ELSE 5 END END,
       asked_at, asked_at
FROM served WHERE attended;

INSERT INTO service_sessions (tenant_id, conversation_id, session, channel_id, department_id, last_user_id,
    opened_at, ended_at, end_reason, asked_at, taken_at, served_at, answered_at, transfers, inbound, bot, staff,
    stretches)
SELECT s.tenant, s.conversation, s.number, s.channel, s.department_id, s.user_id, s.at, s.ended_at,
       CASE WHEN attended THEN 'staff' WHEN n % 4 = 0 THEN 'bot_idle' ELSE 'flow' END,
       CASE WHEN attended THEN asked_at END, CASE WHEN attended THEN taken_at END,
       CASE WHEN attended THEN taken_at END, CASE WHEN attended THEN taken_at + pace END,
       CASE WHEN attended AND n % 9 = 0 THEN 1 ELSE 0 END,
       (SELECT count(*) FROM line l WHERE l.topic = s.topic AND who = 'customer'),
       (SELECT count(*) FROM line l WHERE l.topic = s.topic AND who = 'bot'),
       (SELECT count(*) FROM line l WHERE l.topic = s.topic AND who = 'attendant'),
       CASE WHEN attended THEN 1 ELSE 0 END
FROM served s;

INSERT INTO attendance_stretches (tenant_id, conversation_id, session, number, channel_id, user_id,
    department_id, began_at, ended_at, end_kind, answered_at, sent)
SELECT s.tenant, s.conversation, s.number, 1, s.channel, s.user_id, s.department_id, taken_at, ended_at,
       'closed', taken_at + pace,
       (SELECT count(*) FROM line l WHERE l.topic = s.topic AND who = 'attendant')
FROM served s WHERE attended;

INSERT INTO ratings (tenant_id, conversation_id, session, score, rated_by, user_id, department_id, handoff_id, at)
SELECT s.tenant, s.conversation, s.number, h.customer_satisfaction, 'customer', s.user_id, s.department_id,
       h.id, s.ended_at
FROM served s JOIN handoffs h ON h.tenant_id = s.tenant AND h.id = s.handoff
WHERE h.customer_satisfaction IS NOT NULL;

ANALYZE;
