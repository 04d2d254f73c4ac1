//! A product to be called, and an emulator with a number and customers.

use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use papo_emulator::{Customer, Emulator, EmulatorConfig, Inbound, Number, Posted, Receipts, Retry};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::watch;

pub(crate) const NUMBER: &str = "100000000000001";
pub(crate) const WABA: &str = "200000000000001";
pub(crate) const PHONE: &str = "551140000000";
pub(crate) const TOKEN: &str = "token-of-the-demo-number";
pub(crate) const SECRET: &str = "secret-of-the-demo-app";
pub(crate) const VERIFY: &str = "verify-me";
pub(crate) const ANA: &str = "5511900000001";
pub(crate) const RUI: &str = "5511900000002";

/// The bound of every wait; reached only when something is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A webhook call as the product got it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) signature: String,
    pub(crate) bytes: Bytes,
    pub(crate) json: Value,
}

impl Received {
    /// The elements of every `value.{list}`.
    pub(crate) fn all(&self, list: &str) -> Vec<Value> {
        let changes = self.json["entry"].as_array().unwrap().iter();
        changes
            .flat_map(|entry| entry["changes"].as_array().unwrap())
            .filter_map(|change| change["value"][list].as_array())
            .flatten()
            .cloned()
            .collect()
    }
}

#[derive(Default)]
struct Inner {
    received: Vec<Received>,
    /// Answers to give before 200.
    answers: VecDeque<u16>,
    at_once: usize,
    most_at_once: usize,
}

/// A webhook endpoint that keeps what it gets.
pub(crate) struct Product {
    inner: Data<Mutex<Inner>>,
    changed: Data<watch::Sender<usize>>,
    server: actix_web::dev::ServerHandle,
    pub(crate) url: String,
}

impl Drop for Product {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl Product {
    pub(crate) async fn start() -> Self {
        let inner = Data::new(Mutex::new(Inner::default()));
        let changed = Data::new(watch::Sender::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (give, take) = (Data::clone(&inner), Data::clone(&changed));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(Data::clone(&give))
                .app_data(Data::clone(&take))
                .app_data(PayloadConfig::new(4_000_000))
                .route("/hook", web::post().to(receive))
                .route("/hook", web::get().to(verify))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            inner,
            changed,
            server: handle,
            url,
        }
    }

    pub(crate) fn answer_first(&self, answers: impl IntoIterator<Item = u16>) {
        self.inner.lock().unwrap().answers.extend(answers);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.lock().unwrap().received.clone()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.inner.lock().unwrap().most_at_once
    }

    /// All elements of a list that were received so far.
    pub(crate) fn all(&self, list: &str) -> Vec<Value> {
        self.received()
            .iter()
            .flat_map(|post| post.all(list))
            .collect()
    }

    /// Waits until `fits` says something of what was received.
    pub(crate) async fn until<T>(&self, fits: impl Fn(&Self) -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        let look = async {
            loop {
                changed.borrow_and_update();
                if let Some(seen) = fits(self) {
                    return seen;
                }
                changed.changed().await.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, look)
            .await
            .unwrap_or_else(|_| panic!("not in {:#?}", self.received()))
    }

    /// Waits for so many elements of a list.
    pub(crate) async fn count(&self, list: &str, count: usize) -> Vec<Value> {
        self.until(|product| {
            let all = product.all(list);
            (all.len() >= count).then_some(all)
        })
        .await
    }
}

async fn receive(
    request: HttpRequest,
    bytes: Bytes,
    inner: Data<Mutex<Inner>>,
    changed: Data<watch::Sender<usize>>,
) -> HttpResponse {
    let signature = request.headers().get("X-Hub-Signature-256");
    let received = Received {
        signature: signature.unwrap().to_str().unwrap().to_owned(),
        json: serde_json::from_slice(&bytes).unwrap(),
        bytes,
    };
    let answer = {
        let mut inner = inner.lock().unwrap();
        inner.received.push(received);
        inner.at_once += 1;
        inner.most_at_once = inner.most_at_once.max(inner.at_once);
        inner.answers.pop_front().unwrap_or(200)
    };
    // Lets calls that overlap be seen together.
    actix_web::rt::task::yield_now().await;
    inner.lock().unwrap().at_once -= 1;
    changed.send_modify(|count| *count += 1);
    HttpResponse::build(answer.try_into().unwrap()).finish()
}

async fn verify(query: web::Query<HashMap<String, String>>) -> HttpResponse {
    if query["hub.mode"] == "subscribe" && query["hub.verify_token"] == VERIFY {
        HttpResponse::Ok().body(query["hub.challenge"].clone())
    } else {
        HttpResponse::Forbidden().finish()
    }
}

/// No waits but those that a test asks for.
pub(crate) fn quick() -> EmulatorConfig {
    EmulatorConfig {
        receipts: Receipts {
            sent_ms: 0,
            delivered_ms: 0,
            read_ms: 0,
            ..Receipts::default()
        },
        retry: Retry {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(4),
            attempts: 5,
        },
        ..EmulatorConfig::default()
    }
}

pub(crate) fn number(callback: Option<&str>) -> Number {
    Number {
        phone_number_id: NUMBER.into(),
        waba_id: WABA.into(),
        display_phone_number: PHONE.into(),
        name: "Loja".into(),
        access_token: TOKEN.into(),
        app_secret: SECRET.into(),
        verify_token: VERIFY.into(),
        callback_url: callback.map(str::to_owned),
        throughput_per_second: None,
    }
}

/// An emulator with one number and two customers, and a client.
pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) http: reqwest::Client,
}

impl Bench {
    pub(crate) async fn new(config: EmulatorConfig, callback: Option<&str>) -> Self {
        let emulator = Emulator::start(config).await.unwrap();
        emulator.add_number(number(callback)).unwrap();
        emulator
            .add_customer(Customer::new(ANA, "Ana Açaí"))
            .unwrap();
        emulator.add_customer(Customer::new(RUI, "Rui")).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { emulator, http }
    }

    pub(crate) async fn with_product(config: EmulatorConfig) -> (Self, Product) {
        let product = Product::start().await;
        let bench = Self::new(config, Some(&product.url)).await;
        (bench, product)
    }

    /// Ana writes, which opens her window.
    pub(crate) fn ana_says(&self, text: &str) -> Posted {
        self.emulator
            .send(NUMBER, ANA, Inbound::text(text))
            .unwrap()
    }

    pub(crate) fn request(&self, body: &Value) -> reqwest::RequestBuilder {
        self.http
            .post(format!(
                "{}/v25.0/{NUMBER}/messages",
                self.emulator.base_url()
            ))
            .bearer_auth(TOKEN)
            .json(body)
    }

    /// Calls the Graph API; status and body.
    pub(crate) async fn call(&self, body: &Value) -> (u16, Value) {
        answer(self.request(body)).await
    }

    /// A send that must be accepted; its message id.
    pub(crate) async fn accepted(&self, body: &Value) -> String {
        let (status, answer) = self.call(body).await;
        assert_eq!(status, 200, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// A send that must be refused; its code.
    pub(crate) async fn refused(&self, body: &Value) -> u64 {
        let (status, answer) = self.call(body).await;
        assert_ne!(status, 200, "{answer}");
        answer["error"]["code"].as_u64().unwrap()
    }

    pub(crate) async fn idle(&self) {
        self.emulator.idle(PATIENCE).await.unwrap();
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

pub(crate) fn text(to: &str, body: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}})
}

pub(crate) fn menu(to: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": "interactive", "interactive": {
    "type": "button", "body": {"text": "Como posso ajudar?"}, "action": {"buttons": [
        {"type": "reply", "reply": {"id": "buy", "title": "Comprar"}},
        {"type": "reply", "reply": {"id": "human", "title": "Atendente"}},
    ]}}})
}

/// The values of one field, in order.
pub(crate) fn field(elements: &[Value], name: &str) -> Vec<String> {
    let text = |element: &Value| element[name].as_str().unwrap_or_default().to_owned();
    elements.iter().map(text).collect()
}
