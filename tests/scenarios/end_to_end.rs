use crate::post::{Kind, Post, WAYS};
use crate::python::example;
use crate::story::Story;

#[test]
fn end_to_end() {
    let Some(post) = Post::new() else { return };
    let story = Story::of("end_to_end");
    let course = post.course();
    let rows: Vec<String> = story.rows().map(str::to_owned).collect();
    for (row, kind) in rows.iter().zip(Kind::ALL) {
        let outcomes = WAYS.map(|way| course.outcomes[&(kind, way.to_owned())].clone());
        story.row_ends(row, [vec![course.results[&kind].clone()], outcomes.to_vec()].concat());
    }
    let good = course.outcomes.values().filter(|outcome| *outcome == "good").count();

    std::fs::write(post.folder().join("mallory.netrc"), "machine localhost login alice password x").unwrap();
    let server = format!("submissions://localhost:{}", post.submissions);
    let refused =
        post.run(example("submit.py").unwrap(), "mallory", &format!("{server} alice.pem draft.eml"));
    assert!(!refused.succeeded && refused.stderr.contains("535"), "{}", refused.stderr);
    story.ends([good.to_string(), "a wrong password".into()]);
}
