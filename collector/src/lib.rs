//! The reference endpoint: takes batches from Tillpost's pages, judges them by the SDK's own core, stores them, and
//! answers User.com's REST form for them.
//!
//! It never answers before the commit is on disk, never lets one bad record spoil its batch-mates, and never writes a
//! secret, a recommendation token or a payload into a log. It knows no TLS: a proxy in front does.
//!
//! | module | concept |
//! |---|---|
//! | [`config`] | options: flags over environment over file |
//! | [`serve`] | connections: accepted, bounded in number and time, ended gracefully |
//! | [`routes`] | which path is answered by whom; what holds for all of them |
//! | [`body`] | request bodies: bounded, UTF-8, JSON |
//! | [`batch`], [`record`] | `POST /api/public/batch/`: the envelope, one record of it |
//! | [`canonical`] | the border of escapes: JSON as the core reads it, plain text, JSON as it is stored |
//! | [`profile`] | what an event sets on its product |
//! | [`rest`] | User.com's REST form |
//! | [`live`] | what has arrived, as pages and as a stream |
//! | [`recommendations`] | what recommendation panels earned |
//! | [`demo`] | the demo shop's files |
//! | [`store`] | the database: all SQL |
//! | [`error`], [`problem`] | every failure by its code; what is wrong with one record or field |

pub mod batch;
pub mod body;
pub mod canonical;
pub mod clock;
pub mod config;
pub mod demo;
pub mod error;
pub mod live;
pub mod problem;
pub mod profile;
pub mod recommendations;
pub mod record;
pub mod rest;
pub mod routes;
pub mod serve;
pub mod store;

use config::Config;
use error::StartError;
use std::net::SocketAddr;
use std::sync::Arc;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What handlers share.
#[derive(Debug)]
pub struct App {
    /// The options.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Becomes true when the collector stops: streams end then.
    pub stopping: watch::Receiver<bool>,
}

/// Listens on an address; port 0 takes a free one.
///
/// # Errors
/// [`StartError::Listen`]
pub async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen(address, error))
}

/// A collector with its database open. Production, tests and the load example run this same one.
#[derive(Debug)]
pub struct Collector {
    app: Arc<App>,
    stop: watch::Sender<bool>,
}

impl Collector {
    /// Opens the database.
    ///
    /// # Errors
    /// [`StartError`], when it cannot be opened.
    pub fn open(config: Config) -> Result<Self, StartError> {
        let store = Store::open(&config.data)?;
        let (stop, stopping) = watch::channel(false);
        Ok(Self { app: Arc::new(App { config, store, stopping }), stop })
    }

    /// Serves until `shutdown` ends; then answers what has begun, closes the database and returns.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let Self { app, stop } = self;
        let (apps, rest, demo) = (app.config.apps.len(), app.config.token.is_some(), app.config.demo.is_some());
        tracing::info!(apps, rest, demo, "started");
        let limits = app.config.limits;
        let router = routes::router(Arc::clone(&app));
        serve::serve(listener, router, limits, async {
            shutdown.await;
            stop.send_replace(true);
            tracing::info!("stopping");
        })
        .await;
        app.store.close().await;
        tracing::info!("stopped");
    }
}
