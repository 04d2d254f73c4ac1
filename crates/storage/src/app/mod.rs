//! Reads and small writes behind the HTTP routes, always inside a tenant's scope: methods of
//! [`Database`](crate::Database), one file per area. Every statement also names its tenant; the
//! row-level security behind it is the second wall, not the first.
//!
//! Nothing here writes a conversation: that is the engine's alone.

mod account_links;
mod attendants;
pub(crate) mod audit;
mod bench;
mod canned_replies;
mod channels;
mod conversations;
mod counts;
mod customer_attributes;
mod customers;
mod departments;
mod engine;
mod flows;
mod handoffs;
mod idempotency;
mod jobs;
mod labels;
mod media;
mod messages;
mod metrics;
mod notifications;
mod passwords;
mod pattern;
mod plain;
mod profiles;
mod replay;
mod scheduled;
mod search;
mod second_factors;
mod sessions;
mod templates;
mod tenants;
mod trials;
pub(crate) mod usage;
mod users;

pub use account_links::{AccountLink, LinkKind, NewLink};
pub use attendants::{Attendance, AttendanceChange};
pub use audit::{AuditEntry, AuditEvent, AuditFilter};
pub use bench::{BenchAttendant, BenchConversation};
pub use canned_replies::{CannedOwner, CannedReader, CannedReply, CannedText};
pub use channels::{Channel, ChannelChange, NewChannel, SendCredentials};
pub use conversations::{
    Assignee, Conversation, ConversationFilter, ConversationOrder, ConversationPosition, Sight,
    Transfer,
};
pub use counts::Counts;
pub use customer_attributes::{AttributeChange, CustomerAttribute};
pub use customers::{
    Customer, CustomerAlias, CustomerConversation, CustomerMerge, CustomerMoment, CustomerRecord,
};
pub use departments::{DepartmentChange, DepartmentRecord, NewDepartment};
pub use engine::{DeadLetter, Incident};
pub use flows::{FLOWS_MAX, FlowChange, FlowRecord};
pub use handoffs::{Handoff, HandoffPosition, PendingHandoff};
pub use idempotency::EarlierRequest;
pub use jobs::JobRecord;
pub use labels::{Label, LabelChange};
pub use media::{MediaRecord, NewUpload};
pub use messages::{MessagePage, MessageRecord};
pub use metrics::{DayRating, DayTally, DaysQuery, RatingsQuery, Slice};
pub use notifications::{Notification, UNREAD_MAX};
pub use passwords::PasswordRecord;
pub use profiles::{Avatar, ProfileChange};
pub use replay::Replay;
pub use scheduled::{NewScheduled, Scheduled, ScheduledEnd, ScheduledJob, ScheduledOf, Scheduling};
pub use search::{HIT, HitPosition, MessageFilter, MessageHit};
pub use second_factors::{Proof, SecondFactor};
pub use sessions::{Device, Login, NewToken, Rotation, SessionState};
pub use templates::{ListedRow, TemplateFilter, TemplateRecord};
pub use tenants::{NewTenant, Tenant, TenantChange};
pub use trials::{NewTrial, TRIALS_MAX, TrialRecord};
pub use usage::{Bound, Counted, Usage};
pub use users::{NewUser, User, UserChange, UserFilter};
