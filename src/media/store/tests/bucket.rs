//! A bucket in this process: as much of S3 as a file needs, by path, with every request signed.

use crate::config::{Media, MediaBackend};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_RANGE, ETAG, LAST_MODIFIED, RANGE};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

const KEY: &str = "papo-key";
const DATE: &str = "Mon, 01 Jan 2024 00:00:00 GMT";

/// Objects, and uploads in parts that nobody has ended, both by their paths.
#[derive(Default)]
struct Contents {
    objects: BTreeMap<String, Bytes>,
    uploads: BTreeMap<String, BTreeMap<u32, Bytes>>,
}

type Shared = Arc<Mutex<Contents>>;

pub(super) struct Bucket {
    address: String,
    contents: Shared,
}

impl Bucket {
    /// Serves on a thread of its own until the process ends.
    pub(super) fn start() -> Self {
        // Another test may have been faster.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let contents = Shared::default();
        let served = Arc::clone(&contents);
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let body = web::PayloadConfig::new(16 * 1024 * 1024);
                    App::new()
                        .app_data(web::Data::new(Arc::clone(&served)))
                        .app_data(body)
                        .default_service(web::to(answer))
                });
                let server = server.workers(1).disable_signals();
                server.listen(listener).expect("listening").run().await
            })
        });
        Self { address, contents }
    }

    /// How it is reached.
    pub(super) fn config(&self) -> Media {
        Media {
            backend: MediaBackend::S3,
            timeout: Duration::from_secs(20),
            s3_endpoint: self.address.clone(),
            s3_region: "sa-east-1".to_owned(),
            s3_bucket: "files".to_owned(),
            s3_access_key: KEY.into(),
            s3_secret_key: "secret".into(),
            ..Media::for_tests()
        }
    }

    pub(super) fn keys(&self) -> Vec<String> {
        lock(&self.contents).objects.keys().cloned().collect()
    }

    pub(super) fn unfinished(&self) -> usize {
        lock(&self.contents).uploads.len()
    }
}

fn lock(contents: &Shared) -> MutexGuard<'_, Contents> {
    contents.lock().expect("nobody panics with it")
}

async fn answer(request: HttpRequest, contents: web::Data<Shared>, body: Bytes) -> HttpResponse {
    let signed = request.headers().get(AUTHORIZATION);
    let signed = signed.and_then(|value| value.to_str().ok());
    let by = format!("AWS4-HMAC-SHA256 Credential={KEY}/");
    if !signed.is_some_and(|value| value.starts_with(&by) && value.contains("/sa-east-1/s3/")) {
        return HttpResponse::Forbidden().finish();
    }
    let path = request.path().trim_start_matches('/').to_owned();
    let query = request.query_string();
    let query = form_urlencoded::parse(query.as_bytes());
    let query: BTreeMap<String, String> = query.into_owned().collect();
    let mut contents = lock(&contents);
    match query.get("uploadId") {
        Some(upload) => parts(&mut contents, request.method(), path, upload, &query, body),
        None if query.contains_key("uploads") => {
            let id = format!("upload-of-{path}");
            contents.uploads.insert(id.clone(), BTreeMap::new());
            xml(
                "InitiateMultipartUploadResult",
                &format!("<UploadId>{id}</UploadId>"),
            )
        }
        None => object(&mut contents, &request, path, body),
    }
}

fn parts(
    contents: &mut Contents,
    method: &Method,
    path: String,
    upload: &str,
    query: &BTreeMap<String, String>,
    body: Bytes,
) -> HttpResponse {
    let Some(parts) = contents.uploads.get_mut(upload) else {
        return HttpResponse::NotFound().finish();
    };
    match *method {
        Method::PUT => {
            let number = query
                .get("partNumber")
                .and_then(|number| number.parse().ok());
            parts.insert(number.expect("a number"), body);
            HttpResponse::Ok()
                .insert_header((ETAG, "\"part\""))
                .finish()
        }
        Method::POST => {
            let whole: Vec<u8> = parts.values().flatten().copied().collect();
            contents.uploads.remove(upload);
            contents.objects.insert(path, whole.into());
            xml("CompleteMultipartUploadResult", "<ETag>whole</ETag>")
        }
        _ => {
            contents.uploads.remove(upload);
            HttpResponse::NoContent().finish()
        }
    }
}

fn object(
    contents: &mut Contents,
    request: &HttpRequest,
    path: String,
    body: Bytes,
) -> HttpResponse {
    match *request.method() {
        Method::PUT => {
            contents.objects.insert(path, body);
            HttpResponse::Ok()
                .insert_header((ETAG, "\"whole\""))
                .finish()
        }
        Method::DELETE => {
            contents.objects.remove(&path);
            HttpResponse::NoContent().finish()
        }
        _ => match contents.objects.get(&path) {
            None => HttpResponse::NotFound().finish(),
            Some(bytes) => read(request, bytes),
        },
    }
}

fn read(request: &HttpRequest, bytes: &Bytes) -> HttpResponse {
    let range = request.headers().get(RANGE);
    let range = range.and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
    let range = range.and_then(|range| range.split_once('-'));
    let mut answer = match range {
        None => HttpResponse::Ok(),
        Some(_) => HttpResponse::PartialContent(),
    };
    answer.insert_header((ETAG, "\"whole\""));
    answer.insert_header((LAST_MODIFIED, DATE));
    let Some((first, last)) = range else {
        return answer.body(bytes.clone());
    };
    let place = |text: &str| text.parse::<usize>().expect("a number");
    let (first, last) = (place(first), place(last));
    let said = format!("bytes {first}-{last}/{}", bytes.len());
    answer.insert_header((CONTENT_RANGE, said));
    answer.body(bytes.slice(first..=last))
}

fn xml(name: &str, content: &str) -> HttpResponse {
    let body = format!("<?xml version=\"1.0\"?><{name}>{content}</{name}>");
    HttpResponse::Ok()
        .content_type("application/xml")
        .body(body)
}
