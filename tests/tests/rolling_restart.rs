//! Two front ends behind nginx are restarted one after the other, and no client notices.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Method;
use scalelite_system_tests::client::{Client, encode, try_answer};
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::nginx::{self, Nginx};

const CLIENTS: usize = 40;
/// So many calls are answered before, between and after the restarts.
const CALLS: usize = 400;
const SOON: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_front_ends_restart_and_no_request_fails() {
    let site = Site::start(Mode::Redis, 3).await;
    let ports = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let binds = ports.map(|port| format!("tcp://{}", port.local_addr().unwrap()));
    let mut apis = [start(&site, &binds[0]).await, start(&site, &binds[1]).await];
    let hosts = binds.each_ref().map(|bind| bind.strip_prefix("tcp://").unwrap()).join(",");
    let nginx = Nginx::start(nginx::Site {
        api: &hosts,
        published: site.dir(),
        playback: site.dir(),
        variables: &[],
    });
    let load = Arc::new(Load::default());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(Arc::clone(&load).run(Client::new(&nginx.base()), number)))
        .collect();

    load.goes_on().await;
    for (at, bind) in binds.iter().enumerate() {
        apis[at].service.signal("TERM");
        let ended = apis[at].service.exit(Duration::from_secs(20)).await;
        assert!(ended.success(), "{ended:?}");
        load.goes_on().await;
        apis[at] = start(&site, bind).await;
        // Both are used again.
        eventually("the restarted one is asked", SOON, async || {
            apis[at].service.log().contains("answered method=").then_some(())
        })
        .await;
    }
    load.goes_on().await;
    load.stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
}

async fn start(site: &Site, bind: &str) -> Api {
    site.api_with(&[("BIND", bind)]).await
}

/// What the clients do together.
#[derive(Default)]
struct Load {
    answered: AtomicUsize,
    stop: AtomicBool,
}

impl Load {
    /// Waits for some more answers.
    async fn goes_on(&self) {
        let enough = self.answered.load(Ordering::Relaxed) + CALLS;
        eventually("the clients are answered", SOON, async || {
            (self.answered.load(Ordering::Relaxed) >= enough).then_some(())
        })
        .await;
    }

    /// A client with a connection that it keeps: a meeting, and calls about it, by GET and by POST.
    async fn run(self: Arc<Self>, client: Client, number: usize) {
        let mut round = 0;
        while !self.stop.load(Ordering::Relaxed) {
            // A few meetings for all, so that some exist already.
            let meeting = format!("room {}", (number + round) % (CLIENTS / 2));
            let (room, passwords) =
                (("meetingID", meeting.as_str()), [("attendeePW", "ap"), ("moderatorPW", "mp")]);
            let created = [&[room][..], &passwords].concat();
            let asked = if round % 2 == 0 {
                self.ask(&client, Method::GET, "create", &created).await
            } else {
                self.ask(&client, Method::POST, "create", &created).await
            };
            assert!(asked.contains("SUCCESS"), "{asked}");
            for method in [Method::GET, Method::POST] {
                for call in ["getMeetingInfo", "isMeetingRunning"] {
                    let asked = self.ask(&client, method.clone(), call, &[room]).await;
                    assert!(asked.contains("SUCCESS"), "{call}: {asked}");
                }
            }
            let joins = [room, ("fullName", "A"), ("password", "ap")];
            self.ask(&client, Method::GET, "join", &joins).await;
            round += 1;
        }
    }

    async fn ask(&self, client: &Client, method: Method, call: &str, params: &[(&str, &str)]) -> String {
        let request = client.request(method.clone(), &client.path(call, &encode(params)));
        let answer = try_answer(request).await.unwrap_or_else(|error| panic!("{method} {call}: {error}"));
        let expected = if call == "join" { 302 } else { 200 };
        assert_eq!(answer.status, expected, "{method} {call}: {answer:?}");
        self.answered.fetch_add(1, Ordering::Relaxed);
        answer.body
    }
}
