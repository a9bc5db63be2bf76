//! Many servers in one process, and where they can be started.

use bbb_sim::{Fault, Fleet, Sim, SimOptions};

use crate::client::{ask, client, element, get, url};

#[tokio::test]
async fn five_hundred_servers_with_five_thousand_meetings() {
    let options = SimOptions { workers: 2, log_capacity: 0, ..SimOptions::default() };
    let fleet = Fleet::start(500, options).await.unwrap();
    let client = client();
    for (number, sim) in fleet.iter().enumerate() {
        for meeting in 0..10 {
            sim.add_meeting(format!("m-{number}-{meeting}")).unwrap();
        }
        let info = url(sim, "getMeetingInfo", &format!("meetingID=m-{number}-7"));
        let text = client.get(info).send().await.unwrap().text().await.unwrap();
        assert_eq!(element(&text, "returncode"), "SUCCESS");
    }
    assert!(fleet.iter().all(|sim| sim.meeting_count() == 10 && sim.count("getMeetingInfo") == 1));
    assert!(fleet[0].requests().is_empty(), "no log is kept");

    fleet[7].set_fault(Fault::Down);
    assert!(std::net::TcpStream::connect(fleet[7].address()).is_err());
    assert_eq!(get(&fleet[8], "getMeetings", "").await.status(), 200);
    fleet[7].clear_faults();
    assert_eq!(get(&fleet[7], "getMeetings", "").await.status(), 200);
    let addresses: Vec<_> = fleet.iter().map(Sim::address).collect();
    fleet.stop().await;
    assert!(addresses.iter().all(|address| std::net::TcpStream::connect(address).is_err()));
}

#[test]
fn it_starts_in_any_runtime() {
    let current = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sim = current.block_on(Sim::start(SimOptions::default())).unwrap();
    drop(current);
    let several = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    several.block_on(async {
        assert_eq!(element(&ask(&sim, "getMeetings", "").await, "returncode"), "SUCCESS");
        let text = tokio::spawn(async move { ask(&sim, "getMeetings", "").await }).await.unwrap();
        assert_eq!(element(&text, "returncode"), "SUCCESS");
    });
}
