import Api
import Testing

@Suite("Problems of the API")
struct ApiProblemTests {
  @Test("what the node refused keeps its code, its values and its advice")
  func members() {
    let error = ServiceError(
      status: 404, code: "not-found", parameters: ["device": "x"], detail: "no device is called x",
      remedy: "list them")
    let problem = ApiProblem(error)
    #expect(problem.type == "urn:bivouac:problem:not-found")
    #expect(problem.code == "not-found")
    #expect(problem.status == 404)
    #expect(problem.title == "Not found")
    #expect(problem.parameters == ["device": "x"])
    #expect(problem.remedy == "list them")
  }

  @Test("a refusal is never sent with a status of success", arguments: [0, 200, 302, 600])
  func neverSuccess(status: Int) {
    let error = ServiceError(status: status, code: "busy", detail: "", remedy: "")
    #expect(ApiProblem(error).status == 500)
  }
}
