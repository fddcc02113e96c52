//! The command `tillpost-collector`: arguments in, exit code out. Decides nothing itself.

use std::io::Write;
use std::process::ExitCode;
use tillpost_collector::config::{self, Settings};
use tillpost_collector::error::StartError;
use tillpost_collector::{Collector, bind};

/// Exit codes: 0 stopped as asked, 2 could not start.
fn main() -> ExitCode {
    let settings = match Settings::from_arguments() {
        Ok(settings) => settings,
        Err(config::Early::Answer(text)) => {
            return if writeln!(std::io::stdout(), "{}", text.trim_end()).is_ok() {
                ExitCode::SUCCESS
            } else {
                1.into()
            };
        }
        Err(config::Early::Invalid(error)) => return refuse(&error),
    };
    match run(settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &StartError) -> ExitCode {
    // Not `eprintln!`: it panics when stderr is closed.
    let _ = writeln!(std::io::stderr(), "tillpost-collector: {error}");
    ExitCode::from(2)
}

fn run(settings: Settings) -> Result<(), StartError> {
    let config = settings.resolve(std::env::var(config::TOKEN_VARIABLE).ok())?;
    config.log.start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| StartError::Runtime(error.to_string()))?;
    runtime.block_on(async {
        let shutdown = stop_signal()?;
        let listener = bind(config.listen).await?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(config.listen, error))?;
        let collector = Collector::open(config)?;
        // The one line on stdout: whoever started us with port 0 reads the port from it.
        let _ = writeln!(std::io::stdout(), "listening on http://{address}");
        collector.run(listener, shutdown).await;
        Ok(())
    })
}

/// Ends on SIGINT (Ctrl-C) or SIGTERM.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>, StartError> {
    use tokio::signal::unix::{SignalKind, signal};
    let register = |kind| signal(kind).map_err(|error| StartError::Runtime(error.to_string()));
    let (mut interrupt, mut terminate) = (register(SignalKind::interrupt())?, register(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
    })
}

/// Ends on Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>, StartError> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
