//! Who may do what: the roles and permissions (docs/API-DESIGN.md), in one table.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use thiserror::Error;

/// The role of a user. Ordered by reach, so that `role >= Supervisor` reads as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Talks to the company's crew; attends nobody.
    Member,
    /// Serves customers: own conversations and those without an owner.
    Attendant,
    /// Sees and steers all attendance of the tenant.
    Supervisor,
    /// Administers one tenant.
    TenantAdmin,
    /// Administers the platform.
    SuperAdmin,
}

/// A right that a route can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    SystemManage,
    UserManage,
    OrganizationManage,
    CompanyManage,
    CompanyUserManage,
    WhatsappConfig,
    CrewaiConfig,
    AnalyticsFull,
    WhatsappInteract,
    AnalyticsRead,
    ProfileManage,
    ConversationRead,
    ConversationAttend,
    ConversationTransfer,
    HandoffManage,
    BotConfig,
    StoreManage,
    SecurityManage,
    LgpdManage,
    AuditRead,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 20] = [
        Self::SystemManage,
        Self::UserManage,
        Self::OrganizationManage,
        Self::CompanyManage,
        Self::CompanyUserManage,
        Self::WhatsappConfig,
        Self::CrewaiConfig,
        Self::AnalyticsFull,
        Self::WhatsappInteract,
        Self::AnalyticsRead,
        Self::ProfileManage,
        Self::ConversationRead,
        Self::ConversationAttend,
        Self::ConversationTransfer,
        Self::HandoffManage,
        Self::BotConfig,
        Self::StoreManage,
        Self::SecurityManage,
        Self::LgpdManage,
        Self::AuditRead,
    ];

    /// The wire name, such as `conversation:attend`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SystemManage => "system:manage",
            Self::UserManage => "user:manage",
            Self::OrganizationManage => "organization:manage",
            Self::CompanyManage => "company:manage",
            Self::CompanyUserManage => "company:user:manage",
            Self::WhatsappConfig => "whatsapp:config",
            Self::CrewaiConfig => "crewai:config",
            Self::AnalyticsFull => "analytics:full",
            Self::WhatsappInteract => "whatsapp:interact",
            Self::AnalyticsRead => "analytics:read",
            Self::ProfileManage => "profile:manage",
            Self::ConversationRead => "conversation:read",
            Self::ConversationAttend => "conversation:attend",
            Self::ConversationTransfer => "conversation:transfer",
            Self::HandoffManage => "handoff:manage",
            Self::BotConfig => "bot:config",
            Self::StoreManage => "store:manage",
            Self::SecurityManage => "security:manage",
            Self::LgpdManage => "lgpd:manage",
            Self::AuditRead => "audit:read",
        }
    }
}

impl Role {
    /// Every role, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Member,
        Self::Attendant,
        Self::Supervisor,
        Self::TenantAdmin,
        Self::SuperAdmin,
    ];

    /// Whether this role holds `permission`.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        use Permission as P;
        let lowest = match permission {
            P::SystemManage | P::UserManage | P::OrganizationManage => Self::SuperAdmin,
            P::CompanyManage
            | P::CompanyUserManage
            | P::WhatsappConfig
            | P::CrewaiConfig
            | P::AnalyticsFull
            | P::StoreManage
            | P::SecurityManage
            | P::LgpdManage
            | P::AuditRead => Self::TenantAdmin,
            P::HandoffManage | P::BotConfig => Self::Supervisor,
            P::ConversationRead | P::ConversationAttend | P::ConversationTransfer => {
                Self::Attendant
            }
            P::WhatsappInteract | P::AnalyticsRead | P::ProfileManage => Self::Member,
        };
        self >= lowest
    }

    /// The permissions of this role, by wire name.
    #[must_use]
    pub fn permissions(self) -> Vec<&'static str> {
        Permission::ALL
            .into_iter()
            .filter(|p| self.may(*p))
            .map(Permission::name)
            .collect()
    }

    /// The wire name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Attendant => "attendant",
            Self::Supervisor => "supervisor",
            Self::TenantAdmin => "tenant_admin",
            Self::SuperAdmin => "super_admin",
        }
    }
}

/// The word is no role.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("unknown role")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    /// Accepts the canonical names and the aliases integrators know, in any case.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s.to_ascii_lowercase().as_str() {
            "member" | "user" => Ok(Self::Member),
            "attendant" => Ok(Self::Attendant),
            "supervisor" => Ok(Self::Supervisor),
            "tenant_admin" | "admin" => Ok(Self::TenantAdmin),
            "super_admin" | "superadmin" => Ok(Self::SuperAdmin),
            _ => Err(UnknownRole),
        }
    }
}
