DROP TABLE template_accounts;
DROP TABLE message_templates;
