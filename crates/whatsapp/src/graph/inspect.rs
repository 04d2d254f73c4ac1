//! Asking Graph what credentials open: a number, an account's numbers, a token's permissions.
//! Only reads; nothing is remembered.

use super::client::{ANSWER_MAX, Answer, Credentials, GraphApi, INVALID_TOKEN, bearer, chain};
use super::error::{GraphError, presentable};
use papo_domain::ports::SendError;
use reqwest::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Meta's code for an object that is not there, or not for this token.
const NO_OBJECT: i64 = 100;
/// As many numbers of an account are looked through.
const NUMBERS: &str = "100";

/// Why there is no answer. Holds no token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InspectError {
    /// The token is no token, or not any more.
    #[error("the access token is not valid")]
    Token,
    /// There is no such thing, or not for this token.
    #[error("it does not exist, or not for this token")]
    NotFound,
    /// The token may not ask that.
    #[error("the token does not permit it")]
    NotPermitted,
    /// Graph refused for another reason.
    #[error("refused with code {code}: {detail}")]
    Refused { code: i64, detail: String },
    /// No answer, or none that can be read.
    #[error("no answer: {0}")]
    Unreachable(String),
}

/// A number as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NumberInfo {
    pub display_phone_number: Option<String>,
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality_rating: Option<String>,
    /// `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`.
    pub code_verification_status: Option<String>,
}

#[derive(Deserialize)]
struct Numbers {
    data: Vec<Number>,
}

#[derive(Deserialize)]
struct Number {
    id: String,
}

#[derive(Deserialize)]
struct Debugged {
    data: DebuggedToken,
}

#[derive(Deserialize)]
struct DebuggedToken {
    is_valid: bool,
    #[serde(default)]
    scopes: Vec<String>,
}

impl GraphApi {
    /// The number of the credentials.
    ///
    /// # Errors
    /// See [`InspectError`].
    pub async fn number(&self, credentials: &Credentials) -> Result<NumberInfo, InspectError> {
        let fields = "display_phone_number,verified_name,quality_rating,code_verification_status";
        let path = [credentials.phone_number_id.as_str()];
        self.get(&path, &[("fields", fields)], &credentials.access_token)
            .await
    }

    /// Whether the number is one of the account's.
    ///
    /// # Errors
    /// See [`InspectError`].
    pub async fn account_has_number(
        &self,
        credentials: &Credentials,
        waba_id: &str,
    ) -> Result<bool, InspectError> {
        let query = [("fields", "id"), ("limit", NUMBERS)];
        let path = [waba_id, "phone_numbers"];
        let found: Numbers = self.get(&path, &query, &credentials.access_token).await?;
        let wanted = &credentials.phone_number_id;
        Ok(found.data.iter().any(|number| number.id == *wanted))
    }

    /// What the token permits, such as `whatsapp_business_messaging`.
    ///
    /// # Errors
    /// See [`InspectError`].
    pub async fn scopes(&self, token: &SecretString) -> Result<Vec<String>, InspectError> {
        let query = [("input_token", token.expose_secret())];
        let found: Debugged = self.get(&["debug_token"], &query, token).await?;
        if found.data.is_valid {
            Ok(found.data.scopes)
        } else {
            Err(InspectError::Token)
        }
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        token: &SecretString,
    ) -> Result<T, InspectError> {
        let url = self.at(path);
        let header = bearer(token).map_err(|_no_header| InspectError::Token)?;
        let request = self
            .http
            .get(url)
            .query(query)
            .header(AUTHORIZATION, header);
        let unreachable = |words: &str| InspectError::Unreachable(presentable(words, token));
        let response = request
            .send()
            .await
            .map_err(|error| unreachable(&chain(error)))?;
        let answer = Answer::read(response, token, ANSWER_MAX)
            .await
            .map_err(|error: SendError| unreachable(&error.to_string()))?;
        if let Some(error) = GraphError::find(&answer.body) {
            return Err(match error.code() {
                INVALID_TOKEN => InspectError::Token,
                NO_OBJECT => InspectError::NotFound,
                3 | 10 | 200..=299 => InspectError::NotPermitted,
                code => InspectError::Refused {
                    code,
                    detail: presentable(&error.words(), token),
                },
            });
        }
        if !(200..300).contains(&answer.status) {
            return Err(unreachable(&format!("HTTP {}", answer.status)));
        }
        serde_json::from_slice(&answer.body).map_err(|error| unreachable(&error.to_string()))
    }
}
