//! What is worth an entry in the audit trail, by the names it has there.

use crate::auth::CurrentUser;
use crate::http::extract::Source;
use papo_domain::UserId;
use papo_storage::app::AuditEntry;

/// Something that somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Login,
    LoginFailed,
    Logout,
    /// A refresh token was used twice: one of the two was a thief.
    TokenReused,
    PasswordChanged,
    PasswordLinkMade,
    PasswordSetByLink,
    TwoFactorEnabled,
    TwoFactorDisabled,
    TwoFactorReset,
    RecoveryCodesRenewed,
    SessionEnded,
    OtherSessionsEnded,
    UserCreated,
    UserUpdated,
    TenantCreated,
    TenantUpdated,
    PolicyReplaced,
    DepartmentCreated,
    DepartmentUpdated,
    ChannelCreated,
    ChannelUpdated,
    ChannelRetired,
    ChannelTested,
    FlowCreated,
    FlowReplaced,
    FlowPublished,
    FlowDeleted,
    FlowTried,
    FlowTrialEnded,
    JobDiscarded,
    DeadLetterDiscarded,
    AttendanceUpdated,
    LabelCreated,
    LabelUpdated,
    LabelDeleted,
    CannedReplyCreated,
    CannedReplyUpdated,
    CannedReplyDeleted,
    AttributeCreated,
    AttributeUpdated,
    AttributeDeleted,
    CustomerUpdated,
    CustomersMerged,
    MergeUndone,
    HandoffAssigned,
    /// From somebody else who led it, as what follows.
    ConversationTakenOver,
    ConversationTransferred,
    ConversationReturned,
    ConversationClosed,
    ConversationResumed,
    JobRetried,
    DeadLetterRetried,
    ScheduledCancelled,
}

impl Action {
    /// Category and name.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Login => ("authentication", "login"),
            Self::LoginFailed => ("authentication", "login_failed"),
            Self::Logout => ("authentication", "logout"),
            Self::TokenReused => ("security", "token_reused"),
            Self::PasswordChanged => ("security", "password_changed"),
            Self::PasswordLinkMade => ("security", "password_link_made"),
            Self::PasswordSetByLink => ("security", "password_set_by_link"),
            Self::TwoFactorEnabled => ("security", "two_factor_enabled"),
            Self::TwoFactorDisabled => ("security", "two_factor_disabled"),
            Self::TwoFactorReset => ("security", "two_factor_reset"),
            Self::RecoveryCodesRenewed => ("security", "recovery_codes_renewed"),
            Self::SessionEnded => ("session", "session_ended"),
            Self::OtherSessionsEnded => ("session", "other_sessions_ended"),
            Self::UserCreated => ("admin_action", "user_created"),
            Self::UserUpdated => ("admin_action", "user_updated"),
            Self::TenantCreated => ("admin_action", "tenant_created"),
            Self::TenantUpdated => ("admin_action", "tenant_updated"),
            Self::PolicyReplaced => ("configuration", "policy_replaced"),
            Self::DepartmentCreated => ("configuration", "department_created"),
            Self::DepartmentUpdated => ("configuration", "department_updated"),
            Self::ChannelCreated => ("configuration", "channel_created"),
            Self::ChannelUpdated => ("configuration", "channel_updated"),
            Self::ChannelRetired => ("configuration", "channel_retired"),
            Self::ChannelTested => ("configuration", "channel_tested"),
            Self::FlowCreated => ("configuration", "flow_created"),
            Self::FlowReplaced => ("configuration", "flow_replaced"),
            Self::FlowPublished => ("configuration", "flow_published"),
            Self::FlowDeleted => ("configuration", "flow_deleted"),
            Self::FlowTried => ("configuration", "flow_tried"),
            Self::FlowTrialEnded => ("configuration", "flow_trial_ended"),
            Self::JobDiscarded => ("admin_action", "job_discarded"),
            Self::DeadLetterDiscarded => ("admin_action", "dead_letter_discarded"),
            Self::LabelCreated => ("configuration", "label_created"),
            Self::LabelUpdated => ("configuration", "label_updated"),
            Self::LabelDeleted => ("configuration", "label_deleted"),
            Self::CannedReplyCreated => ("configuration", "canned_reply_created"),
            Self::CannedReplyUpdated => ("configuration", "canned_reply_updated"),
            Self::CannedReplyDeleted => ("configuration", "canned_reply_deleted"),
            Self::AttributeCreated => ("configuration", "attribute_created"),
            Self::AttributeUpdated => ("configuration", "attribute_updated"),
            Self::AttributeDeleted => ("configuration", "attribute_deleted"),
            Self::AttendanceUpdated => ("desk", "attendance_updated"),
            Self::HandoffAssigned => ("desk", "handoff_assigned"),
            Self::ConversationTakenOver => ("desk", "conversation_taken_over"),
            Self::ConversationTransferred => ("desk", "conversation_transferred"),
            Self::ConversationReturned => ("desk", "conversation_returned"),
            Self::ConversationClosed => ("desk", "conversation_closed"),
            Self::ConversationResumed => ("admin_action", "conversation_resumed"),
            Self::JobRetried => ("admin_action", "job_retried"),
            Self::DeadLetterRetried => ("admin_action", "dead_letter_retried"),
            Self::ScheduledCancelled => ("desk", "scheduled_cancelled"),
            Self::CustomerUpdated => ("customers", "customer_updated"),
            Self::CustomersMerged => ("customers", "customers_merged"),
            Self::MergeUndone => ("customers", "merge_undone"),
        }
    }
}

impl Source {
    /// An entry about what `user` does.
    pub(crate) fn tells(&self, user: &CurrentUser, action: Action) -> AuditEntry {
        AuditEntry {
            actor_name: Some(user.name.clone()),
            actor_role: Some(user.role),
            ..self.tells_of(Some(user.id), action)
        }
    }

    /// An entry about what somebody does who is not logged in.
    pub(crate) fn tells_of(&self, user: Option<UserId>, action: Action) -> AuditEntry {
        let (category, action) = action.names();
        AuditEntry {
            category,
            action,
            actor: user,
            device: self.device.clone(),
            request_id: self.request_id.clone(),
            ..AuditEntry::default()
        }
    }
}
