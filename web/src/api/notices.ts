/** What customers are told where nobody chose other words: as in crates/domain/src/bot/texts.rs. */

import type { Notice } from './policy';

export const USUAL_WORDS: Record<Notice, string> = {
  taken_over: 'Agora você está falando com {attendant}.',
  handoff: 'Certo! Vou chamar uma pessoa da nossa equipe. Só um momento, por favor.',
  out_of_hours:
    'Estamos fora do horário de atendimento agora. Seu pedido ficou registrado e responderemos assim que a equipe voltar.',
  not_understood: 'Desculpe, não entendi a sua resposta.',
  invalid_input:
    'Essa resposta não parece estar no formato certo. Por favor, confira e envie de novo.',
  waiting_too_long:
    'O atendimento está demorando mais do que gostaríamos, mas você continua na fila. Obrigado pela paciência!',
  queue_position: 'Sua posição na fila: {position}.',
  queue_estimate:
    'Sua posição na fila: {position}. Tempo estimado de espera: até {minutes} minutos.',
  transferred: 'Seu atendimento foi transferido para {attendant}.',
  returned_to_bot: 'Seu atendimento voltou para o assistente virtual.',
  requeued:
    'Desculpe a demora! Vou chamar outra pessoa da equipe para continuar o seu atendimento.',
  closed: '',
  bot_idle:
    'Encerramos este atendimento porque não tivemos resposta. Quando precisar, é só mandar uma mensagem.',
};
