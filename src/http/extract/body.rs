//! JSON bodies, read, checked, and digested for idempotency.

use super::bounds::Taken;
use super::nul;
use crate::error::{ApiError, FieldFault};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::future::Future;
use std::pin::Pin;

/// A body that keeps all its rules.
#[derive(Clone, Debug)]
pub struct Body<T> {
    pub value: T,
    /// SHA-256 over method, path and body: what an idempotency key belongs to.
    pub digest: [u8; 32],
}

/// A body that may be left out; then everything in it has its default.
#[derive(Clone, Debug)]
pub struct OptionalBody<T> {
    pub value: T,
    /// As in [`Body`].
    pub digest: [u8; 32],
}

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<T> FromRequest for Body<T>
where
    T: DeserializeOwned + Validate<Context: Default> + 'static,
{
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let taken = Taken::from_request(req, payload);
        let req = req.clone();
        Box::pin(async move {
            let taken = taken.await?;
            must_be_json(&req)?;
            let value = parse(&taken.bytes)?;
            let digest = digest(&req, &taken.bytes);
            Ok(Self { value, digest })
        })
    }
}

impl<T> FromRequest for OptionalBody<T>
where
    T: DeserializeOwned + Default + Validate<Context: Default> + 'static,
{
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let taken = Taken::from_request(req, payload);
        let req = req.clone();
        Box::pin(async move {
            let taken = taken.await?;
            let digest = digest(&req, &taken.bytes);
            if taken.bytes.is_empty() {
                let value = T::default();
                value.validate()?;
                return Ok(Self { value, digest });
            }
            must_be_json(&req)?;
            let value = parse(&taken.bytes)?;
            Ok(Self { value, digest })
        })
    }
}

fn digest(req: &HttpRequest, body: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(req.method().as_str())
        .chain_update([0])
        .chain_update(req.path())
        .chain_update([0])
        .chain_update(body)
        .finalize()
        .into()
}

fn must_be_json(req: &HttpRequest) -> Result<(), ApiError> {
    let kind = req
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    let kind = kind.and_then(|v| v.split(';').next()).map(str::trim);
    if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        Ok(())
    } else {
        Err(ApiError::UnsupportedMediaType)
    }
}

fn parse<T: DeserializeOwned + Validate<Context: Default>>(bytes: &[u8]) -> Result<T, ApiError> {
    nul::refuse_in_json(bytes)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        ApiError::Unreadable(locate(&path, &error.into_inner().to_string()))
    })?;
    json.end()
        .map_err(|error| ApiError::Unreadable(FieldFault::new("body", error.to_string())))?;
    value.validate()?;
    Ok(value)
}

/// Reads what a body took as it was; what is wrong with it is named as in a body.
///
/// # Errors
/// It cannot be read.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        ApiError::Unreadable(locate(&path, &error.into_inner().to_string()))
    })
}

/// Which field serde speaks of: a missing or unknown one is named in the text only.
pub(super) fn locate(path: &str, problem: &str) -> FieldFault {
    let named = problem
        .strip_prefix("missing field `")
        .or_else(|| problem.strip_prefix("unknown field `"))
        .and_then(|rest| rest.split('`').next());
    let field = match (path, named) {
        ("." | "" | "?", None) => "body".to_owned(),
        ("." | "" | "?", Some(name)) => name.to_owned(),
        // Where a field is unknown the path already ends with it.
        (path, Some(name)) if path == name || path.ends_with(&format!(".{name}")) => {
            path.to_owned()
        }
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    };
    // Without serde_json's " at line 1 column 20".
    let problem = problem.split(" at line ").next().unwrap_or(problem);
    FieldFault::new(field, problem)
}

#[cfg(test)]
mod tests {
    use super::Body;
    use crate::error::{ApiError, FieldFault};
    use crate::http::extract::Bounds;
    use actix_web::FromRequest as _;
    use actix_web::test::TestRequest;
    use std::time::Duration;

    #[derive(Debug, serde::Deserialize, garde::Validate)]
    #[serde(deny_unknown_fields)]
    struct Person {
        #[garde(length(chars, min = 2, max = 10))]
        name: String,
        #[garde(dive)]
        #[serde(default)]
        friends: Vec<Friend>,
    }

    #[derive(Debug, serde::Deserialize, garde::Validate)]
    struct Friend {
        #[garde(range(max = 150))]
        age: u32,
    }

    async fn read(body: &str) -> Result<Body<Person>, ApiError> {
        let (req, mut payload) = TestRequest::post()
            .uri("/people")
            .insert_header(("content-type", "application/json; charset=utf-8"))
            .app_data(Bounds::new(200, Duration::from_secs(60), 1 << 20))
            .set_payload(body.to_owned())
            .to_http_parts();
        Body::from_request(&req, &mut payload).await
    }

    fn fields(error: ApiError) -> Vec<String> {
        match error {
            ApiError::Unreadable(FieldFault { field, .. }) => vec![field],
            ApiError::Invalid(faults) => faults.into_iter().map(|f| f.field).collect(),
            other => vec![format!("{other:?}")],
        }
    }

    #[actix_web::test]
    async fn every_fault_names_its_field() {
        for (body, expected) in [
            ("{", "body"),
            ("[]", "body"),
            ("{} x", "name"),
            (r#"{"name":"Ana"} x"#, "body"),
            ("{}", "name"),
            (r#"{"name":7}"#, "name"),
            (r#"{"name":"Ana","colour":1}"#, "colour"),
            (
                r#"{"name":"Ana","friends":[{"age":1},{"age":"x"}]}"#,
                "friends[1].age",
            ),
            (r#"{"name":"Ana","friends":[{}]}"#, "friends[0].age"),
            (r#"{"name":"A"}"#, "name"),
            (r#"{"name":"A\u0000na"}"#, "name"),
            (
                r#"{"name":"Ana","friends":[{"age":200}]}"#,
                "friends[0].age",
            ),
        ] {
            let error = read(body).await.expect_err("faulty");
            assert_eq!(fields(error), [expected], "{body}");
        }
    }

    #[actix_web::test]
    async fn all_broken_rules_are_told() {
        let body = r#"{"name":"A","friends":[{"age":200}]}"#;
        let mut fields = fields(read(body).await.expect_err("faulty"));
        fields.sort();
        assert_eq!(fields, ["friends[0].age", "name"]);
    }

    #[actix_web::test]
    async fn too_long_is_told_apart() {
        let body = format!(r#"{{"name":"{}"}}"#, "a".repeat(500));
        assert!(matches!(read(&body).await, Err(ApiError::TooLarge)));
    }

    #[actix_web::test]
    async fn the_digest_tells_requests_apart() {
        let one = read(r#"{"name":"Ana"}"#).await.expect("valid").digest;
        let same = read(r#"{"name":"Ana"}"#).await.expect("valid").digest;
        let other = read(r#"{"name":"Bob"}"#).await.expect("valid").digest;
        assert_eq!(one, same);
        assert_ne!(one, other);
    }
}
