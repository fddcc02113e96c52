//! The demo shop's files, and the built SDK beside them. Only with `--demo`.

use crate::config::Demo;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use tower_http::services::{ServeDir, ServeFile};

/// What the SDK's build gives a page.
const SDK_FILES: [&str; 6] =
    ["tillpost.js", "tillpost-nowasm.js", "tillpost-debug.js", "impressions.js", "snippet.js", "manifest.json"];

/// `/` is the shop; the SDK's files are beside it.
pub fn router<S: Clone + Send + Sync + 'static>(demo: &Demo) -> Router<S> {
    let mut router = Router::new();
    for file in SDK_FILES {
        let path = demo.sdk.join(file);
        if !path.is_file() {
            tracing::warn!(code = "sdk_missing", file, "the SDK is not built: run `npm run build`");
        }
        router = router.route_service(&format!("/{file}"), ServeFile::new(path));
    }
    router.fallback_service(ServeDir::new(&demo.www)).layer(map_response(revalidate))
}

/// A browser asks again each time, and is told "not modified": who edits the shop sees it at once.
async fn revalidate(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
