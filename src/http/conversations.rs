//! Conversations: what is shown of them, and what people do in them. Reads ask the database;
//! every change is a command to the conversation's actor.

mod archive;
mod attached;
mod bulk;
mod close;
mod collision;
mod command;
mod forced;
mod handback;
mod labels;
mod list;
mod messages;
mod note;
mod outgoing;
mod priority;
mod read;
mod send;
mod show;
mod shown;
mod snooze;
mod start;
mod stats;
mod takeover;
mod transfer;
mod transfers;
mod view;

pub(crate) use archive::{archive_conversation, unarchive_conversation};
pub(super) use attached::outbound;
pub(crate) use bulk::act_on_several;
pub(super) use close::CloseBody;
pub(crate) use close::close_conversation;
pub(crate) use handback::return_to_bot;
pub(crate) use labels::set_labels;
pub(crate) use list::list_conversations;
pub(crate) use messages::list_messages;
pub(crate) use note::add_note;
pub(super) use outgoing::SendMessage;
pub(super) use priority::PriorityName;
pub(crate) use priority::set_priority;
pub(crate) use read::{mark_read, mark_unread};
pub(super) use send::quoted;
pub(crate) use send::send_message;
pub(crate) use show::show_conversation;
pub(crate) use snooze::{end_snooze, snooze_conversation};
pub(crate) use start::start_conversation;
pub(crate) use stats::conversation_stats;
pub(crate) use takeover::take_over;
pub(crate) use transfer::transfer_conversation;
pub(crate) use transfers::list_transfers;
pub(crate) use view::{ConversationView, MessageView, Named};

use command::obey;
pub(super) use command::{
    CommandResult, attendant, carry_out, earlier, must_see, respond, told_who_leads,
};
pub(super) use forced::carry_out_noted;
pub(super) use note::{NoteBody, WrittenNote, write_note};
